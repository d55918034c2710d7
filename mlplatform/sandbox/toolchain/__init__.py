"""Getting the real Pulumi engine and running Python programs under it."""
