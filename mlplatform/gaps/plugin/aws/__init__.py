"""mlgap resources on AWS: one file per noun, entered in ``registry.py``."""
