"""What a run of the engine did or would do, read from its event log."""
