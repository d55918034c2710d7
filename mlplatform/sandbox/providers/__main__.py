"""`python -m mlplatform.sandbox.providers <package> <version>`: serve the stand-in for a package.

The sandbox places a small executable that runs this where the engine looks for the provider. A
cloud's class is beside this one; every other package gets the inert stand-in.
"""

from __future__ import annotations

import importlib
import os
import sys

from mlplatform.provider.model import Provider
from mlplatform.provider.server import serve
from mlplatform.sandbox.providers.by_contract import ByContract, Cloud
from mlplatform.sandbox.providers.inert import Inert

INERT_VARIABLE = "MLP_SANDBOX_STAND_INS"
"""Set to ``inert``, every package gets the inert stand-in: what the engine itself costs."""

_HERE = "mlplatform.sandbox.providers"
_CLOUDS = {"aws": ("aws", "Aws"), "gcp": ("gcp", "Gcp"), "azure-native": ("azure", "AzureNative")}


def stand_in(package: str, version: str) -> Provider:
    """The stand-in for a package, imported only now."""
    if os.environ.get(INERT_VARIABLE) == "inert" or package not in _CLOUDS:
        return Inert(package, version)
    module, name = _CLOUDS[package]
    made: Cloud = getattr(importlib.import_module(f"{_HERE}.{module}"), name)(version)
    return ByContract(made)


def main(arguments: list[str]) -> int:
    """Serve until the engine is done; what follows the version is the engine's own address."""
    if len(arguments) < 2:
        print("use: python -m mlplatform.sandbox.providers <package> <version>", file=sys.stderr)
        return 2
    return serve(stand_in(arguments[0], arguments[1]))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
