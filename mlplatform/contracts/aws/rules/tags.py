"""Rules for tags on any type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules.reading import inner
from mlplatform.contracts.paths import join
from mlplatform.contracts.problem import Problem


def names(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that start with `aws:` belong to AWS (Tagging guide, "Tag naming limits")."""
    for name in inner(inputs, "tags"):
        if name.lower().startswith("aws:"):
            yield Problem(
                path=join("tags", name),
                got=name,
                message="allowed: a name that does not start with aws:",
                source="rule: AWS tag naming",
            )
