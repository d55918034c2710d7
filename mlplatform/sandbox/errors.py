"""What the sandbox says to a person."""

from __future__ import annotations


class UserError(Exception):
    """Nothing is wrong with the sandbox: the message says what is, and what to do."""
