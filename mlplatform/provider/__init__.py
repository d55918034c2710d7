"""The Pulumi provider protocol, written once: see ``model`` for what a provider implements."""
