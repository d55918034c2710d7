"""Exit codes of ``./mlp``: docs/exit-codes.md is the table, and a test holds both together."""

from __future__ import annotations

OK = 0
"""Done; with or without a change."""
ERROR = 1
"""It could not be done, or a run failed."""
USAGE = 2
"""The command line or a file that it names is wrong."""
DANGEROUS = 3
"""Done: there is a change that a reviewer has to look at."""
POLICY = 4
"""Done: a mandatory policy is violated."""
CHANGED = 5
"""Done: there is a change; only where it was asked for (``--exit-code``)."""
INTERRUPTED = 130
"""A shell's code for a program that an interrupt ended."""
