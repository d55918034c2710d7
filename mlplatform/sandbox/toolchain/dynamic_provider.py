"""Runs dynamic providers (``pulumi.dynamic``) with the program's own Python.

The SDK's server waits for ever, also for an engine that was killed. It imports nothing of ours.
"""

from __future__ import annotations

import os
import runpy
import signal
import threading
import time

_POLL_S = 1.0


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_S)
    os._exit(0)


if __name__ == "__main__":
    # The engine ends a plugin by an interrupt, and then by force.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
