"""mlgap resources on Azure: one file per noun, exported here."""
