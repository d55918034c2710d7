"""The compiled Google contract: up to date with the locked SDKs, complete, and without an SDK."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mlplatform.contracts.gcp import plan


def _nodes(properties: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, node in properties.items():
        yield f"{at}{name}", node
        inner = node
        while "element" in inner:
            inner = inner["element"]
        yield from _nodes(inner.get("properties", {}), f"{at}{name}.")


def test_the_data_is_what_the_locked_sdks_give() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "mlplatform.contracts.compile"]
    done = subprocess.run([*command, "gcp", "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("token", sorted(plan.tokens()))
def test_every_property_of_the_provider_has_a_place(token: str) -> None:
    unmapped = [
        path for path, n in _nodes(plan.get(token)["properties"]) if n.get("place") == "none"
    ]
    assert unmapped == []


@pytest.mark.parametrize("token", sorted(plan.tokens()))
def test_every_replacement_names_a_reason(token: str) -> None:
    for path, node in _nodes(plan.get(token)["properties"]):
        assert len(node.get("replace", "because")) > 5, path


def test_no_vendor_library_is_imported() -> None:
    script = (
        "import sys\n"
        "from mlplatform import contracts\n"
        "contracts.check('gcp:storage/bucket:Bucket', {'location': 'US'})\n"
        "vendors = ('google.api_core', 'google.cloud.', 'googleapiclient', 'pulumi')\n"
        "loaded = [m for m in sys.modules if m.startswith(vendors)]\n"
        "assert loaded == [], loaded\n"
    )
    subprocess.run([sys.executable, "-P", "-c", script], check=True)
