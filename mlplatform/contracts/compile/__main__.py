"""`python -m mlplatform.contracts.compile <cloud> [--check]`: write a cloud's contract data.

With `--check` nothing is written; the names of stale files are printed and the exit code is 1 when
there are any. Each cloud is one module beside this one with `main(check: bool) -> int`.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from pathlib import Path

_CLOUDS = ("aws", "gcp", "azure")


def main() -> int:
    """Parse the command line and run one cloud's compiler."""
    parser = argparse.ArgumentParser(prog="python -m mlplatform.contracts.compile")
    parser.add_argument("cloud", choices=[c for c in _CLOUDS if _present(c)])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when data is stale"
    )
    options = parser.parse_args()
    module = importlib.import_module(f"mlplatform.contracts.compile.{options.cloud}")
    result: int = module.main(check=options.check)
    return result


def _present(cloud: str) -> bool:
    here = Path(__file__).parent
    return (here / f"{cloud}.py").exists() or (here / cloud / "__init__.py").exists()


if __name__ == "__main__":
    raise SystemExit(main())
