"""Vertex AI and what it needs around it."""
