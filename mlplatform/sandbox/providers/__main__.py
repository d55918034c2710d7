"""`python -m mlplatform.sandbox.providers <package> <version>`: serve the stand-in for a package.

The sandbox places a small executable that runs this where the engine looks for the provider. A
cloud's module beside this one offers `provider(version)`; every other package gets the inert
stand-in.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

from mlplatform.provider.model import Provider
from mlplatform.provider.server import serve
from mlplatform.sandbox.providers.inert import Inert

INERT_VARIABLE = "MLP_SANDBOX_STAND_INS"
"""Set to ``inert``, every package gets the inert stand-in: what the engine itself costs."""

_MODULES = {"aws": "aws", "gcp": "gcp", "azure-native": "azure"}


def stand_in(package: str, version: str) -> Provider:
    """The stand-in for a package, imported only now."""
    name = f"mlplatform.sandbox.providers.{_MODULES.get(package, '')}"
    inert = os.environ.get(INERT_VARIABLE) == "inert"
    if not inert and package in _MODULES and importlib.util.find_spec(name) is not None:
        made: Provider = importlib.import_module(name).provider(version)
        return made
    return Inert(package, version)


def main(arguments: list[str]) -> int:
    """Serve until the engine is done; what follows the version is the engine's own address."""
    if len(arguments) < 2:
        print("use: python -m mlplatform.sandbox.providers <package> <version>", file=sys.stderr)
        return 2
    return serve(stand_in(arguments[0], arguments[1]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
