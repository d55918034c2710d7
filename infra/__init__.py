"""The program: reads the stack's configuration and wires one cloud per file."""
