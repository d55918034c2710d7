"""Component resources: one folder a cloud, one file a noun, the same file name on each cloud."""
