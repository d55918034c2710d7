"""Modules that are imported with their first use, by one thread at a time.

A provider answers many calls at once. Where two threads import modules of one package that need
each other, Python lets one of them go on with a half-made module, to avoid a deadlock.
"""

from __future__ import annotations

import importlib
import threading
from types import ModuleType

_ONE = threading.RLock()


def load(name: str) -> ModuleType:
    """The module of that full name, whole."""
    with _ONE:
        return importlib.import_module(name)
