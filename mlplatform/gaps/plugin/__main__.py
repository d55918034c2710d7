"""Runs the mlgap provider; the engine starts it through ``plugins/mlgap``."""

from __future__ import annotations

import sys

from mlplatform.gaps.plugin.provider import Gaps
from mlplatform.provider.log import EngineLog
from mlplatform.provider.server import engine_address, serve

if __name__ == "__main__":
    sys.exit(serve(Gaps(EngineLog(engine_address(sys.argv[1:])))))
