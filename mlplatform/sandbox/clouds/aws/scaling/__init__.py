"""Application Auto Scaling: targets, policies, scheduled actions, with state of our own."""
