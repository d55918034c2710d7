"""What the components of every cloud share: type tokens, child names, labels, physical names."""
