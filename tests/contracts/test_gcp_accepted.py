"""An independent witness: what the real provider's own examples declare must pass.

The discovery documents cannot be this witness, because the contract is made from them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlplatform import contracts

_EXAMPLES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "data" / "pulumi_gcp_examples.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("token", sorted(_EXAMPLES))
def test_the_documented_examples_of_the_provider_pass(token: str) -> None:
    refused = [str(p) for body in _EXAMPLES[token] for p in contracts.check(token, body)]
    assert refused == []


def test_the_collection_of_examples_is_large_enough_to_mean_something() -> None:
    assert sum(len(bodies) for bodies in _EXAMPLES.values()) >= 50
    assert len(_EXAMPLES) >= 15
