"""An independent witness: bodies that the real services and the real provider take must pass.

The service models cannot be this witness, because the contract is made from them. Two collections
are: the examples in pulumi_aws's documentation (see `collect_examples.py`) and the examples that
AWS ships with botocore, which are requests of the real services.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from mlplatform import contracts
from mlplatform.contracts.aws import decode, validate
from mlplatform.contracts.aws.plan import plan, tokens

_EXAMPLES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "data" / "pulumi_aws_examples.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("token", sorted(_EXAMPLES))
def test_the_documented_examples_of_the_provider_pass(token: str) -> None:
    refused = [str(p) for body in _EXAMPLES[token] for p in contracts.check(token, body)]
    assert refused == []


def test_the_collection_of_examples_is_large_enough_to_mean_something() -> None:
    assert sum(len(bodies) for bodies in _EXAMPLES.values()) >= 100
    assert len(_EXAMPLES) >= 30


def test_the_example_requests_of_aws_pass() -> None:
    refused = [
        f"{token}: {problem}"
        for token, inputs in _requests()
        for problem in validate.problems(plan(token), inputs)
    ]
    assert refused == []
    assert len(list(_requests())) >= 25


def _requests() -> Iterator[tuple[str, dict[str, Any]]]:
    """AWS's own example requests, read back as the properties that would have made them."""
    loader = botocore.session.get_session().get_component("data_loader")
    for token in sorted(tokens()):
        found = plan(token)
        try:
            examples = loader.load_service_model(found.service, "examples-1")["examples"]
        except botocore.exceptions.UnknownServiceError:
            continue
        for example in examples.get(found.create.op, ()):
            inputs = {}
            for name, path in found.create.send.items():
                value = decode.dig(example.get("input", {}), path.split("."))
                if value is not None:
                    inputs[name] = decode.decode(found.properties[name], value)
            yield token, inputs
