"""mlgap resources on Azure: one file per noun, entered in ``registry.py``."""
