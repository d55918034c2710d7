"""What the three classes share: how their properties reach the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pulumi


def properties(
    args: type[Any],
    token: str,
    resource_name: str,
    opts: pulumi.ResourceOptions | None,
    *,
    required: Mapping[str, Any],
    optional: Mapping[str, Any],
) -> Mapping[str, Any]:
    """The properties of a resource in the form that the SDK translates to camelCase.

    Outputs stand among `optional` as None, or they would never be resolved.

    Raises:
        TypeError: a required argument is missing and the resource is not only looked up.
    """
    existing = opts is not None and (opts.id is not None or opts.urn is not None)
    missing = [name for name, value in required.items() if value is None]
    if missing and not existing:
        raise TypeError(f"{token} {resource_name!r} needs {', '.join(missing)}")
    made: Any = object.__new__(args)
    made.__dict__.update(required, **optional)
    # The SDK takes an object of an input type too, and from it learns the camelCase names.
    return cast("Mapping[str, Any]", made)
