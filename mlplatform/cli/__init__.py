"""The commands behind ``./mlp``. What is heavy is imported when a command needs it."""
