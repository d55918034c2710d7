"""mlgap resources on Google Cloud: one file per noun, entered in ``registry.py``."""
