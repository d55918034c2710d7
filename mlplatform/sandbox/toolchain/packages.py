"""Provider packages of one environment. Also run as a script by another environment's Python,
so it imports nothing of ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path


def installed() -> list[dict[str, str]]:
    """Name and version of every provider, from the ``pulumi-plugin.json`` that SDKs ship.

    The file stands in the top folder of an SDK's Python package.
    """
    found: dict[str, str] = {}
    for place in sys.path:
        for file in Path(place or ".").glob("*/pulumi-plugin.json"):
            try:
                about = json.loads(file.read_text())
            except (OSError, ValueError):
                continue
            if not about.get("resource"):
                continue
            package = file.parent.name
            name = about.get("name") or package.removeprefix("pulumi_").replace("_", "-")
            version = about.get("version") or _version(package)
            if version:
                found.setdefault(name, version.removeprefix("v"))
    return [{"name": name, "version": version} for name, version in sorted(found.items())]


def distributions() -> list[dict[str, str]]:
    """Name and version of everything installed."""
    return [
        {"name": distribution.metadata["Name"], "version": distribution.version}
        for distribution in metadata.distributions()
    ]


def ask(python: str, question: str = "providers") -> list[dict[str, str]]:
    """``installed`` (or, for ``distributions``, everything) in the environment of ``python``."""
    done = subprocess.run(
        [python, "-I", __file__, question], capture_output=True, text=True, check=True
    )
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def _version(package: str) -> str | None:
    try:
        return metadata.version(package.replace("_", "-"))
    except metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    print(json.dumps(distributions() if "distributions" in sys.argv else installed()))
