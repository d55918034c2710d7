"""Accelerators of Vertex AI, for serving and training alike."""

from __future__ import annotations

from mlplatform.catalog import gcp as catalog
from mlplatform.spec.hardware import Wish
from mlplatform.spec.scope import Scope


def granted(wanted: Wish, scope: Scope) -> str | None:
    """The accelerator to use; ``None`` when none is asked for, or with a problem.

    Retired ones are refused with their replacement named, unless the wish allows a substitute.
    """
    name = wanted.want
    if name is None:
        return None
    if name not in catalog.ACCELERATORS:
        scope.findings.not_among(wanted.path, name, catalog.ACCELERATORS, "accelerators")
        return None
    if name not in catalog.RETIRED:
        return name
    since, replacement = catalog.RETIRED[name]
    if wanted.substitute in catalog.ACCELERATORS and wanted.substitute not in catalog.RETIRED:
        scope.findings.gap(
            "gcp",
            scope.workload,
            wanted.path,
            asked=name,
            given=str(wanted.substitute),
            reason=f"retired since {since}",
        )
        return wanted.substitute
    scope.findings.problem(
        wanted.path, name, f"retired on Vertex AI since {since}; use {replacement}"
    )
    return None
