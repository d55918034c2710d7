"""Which stacks are production: what some rules ask of those only."""

from __future__ import annotations

PRODUCTION = ("prod", "production", "prd", "live")


def is_production(environment: str) -> bool:
    """``prod`` and ``eu-prod``; ``environment`` is a stack's name without its cloud."""
    return any(part in PRODUCTION for part in environment.lower().split("-"))
