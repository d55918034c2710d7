"""Every configuration excerpt of the guides is accepted, merged into the shipped stack."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlplatform import spec
from tests.spec.stacks import ROOT, config

EXCERPTS = [
    pytest.param(guide.stem, text, id=f"{guide.stem}-{number}")
    for guide in sorted((ROOT / "docs" / "guide").glob("*.md"))
    for number, text in enumerate(
        re.findall(r"```yaml\n(.*?)```", guide.read_text(), flags=re.DOTALL), start=1
    )
]


def merged(base: Any, excerpt: Any) -> Any:
    """The excerpt laid over the base; its lists and values win."""
    if isinstance(base, dict) and isinstance(excerpt, dict):
        return {k: merged(base.get(k), excerpt.get(k, base.get(k))) for k in {**base, **excerpt}}
    return excerpt


@pytest.mark.parametrize(("cloud", "excerpt"), EXCERPTS)
def test_every_excerpt_of_a_guide_is_accepted(cloud: str, excerpt: str) -> None:
    written = yaml.safe_load(excerpt)
    given = {
        key.removeprefix("mlplatform:"): value
        for key, value in written.get("config", written).items()
    }
    base = config(Path(ROOT / "Pulumi.dev.yaml"))
    platform = spec.read(merged(base, given), stack=f"dev-{cloud}", root=ROOT)
    assert getattr(platform, cloud) is not None
