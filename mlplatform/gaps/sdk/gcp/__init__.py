"""mlgap resources on Google Cloud: one file per noun, exported here."""
