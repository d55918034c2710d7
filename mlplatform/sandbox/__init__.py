"""The project under the real engine, on clouds that run on this machine."""
