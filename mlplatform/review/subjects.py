"""What a resource is called in a review: its cloud, the workload or shared part, and the noun.

The words come from the nearest component above a resource (`mlplatform:aws:Endpoint`, named
`ml-dev-bankchurn`), so that they are those of the spec; a resource without one is called by its own
type and name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlplatform.review.changes import Change, Changes

_CLOUDS = {
    "aws": "aws",
    "aws-native": "aws",
    "gcp": "gcp",
    "google-native": "gcp",
    "azure": "azure",
    "azure-native": "azure",
    "azuread": "azure",
}
_OWN = ("mlplatform", "mlgap")
_SPLIT = re.compile(r"(?P<environment>.+)-(?:aws|gcp|azure)")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, kw_only=True, order=True)
class Subject:
    """cloud: `aws`, `gcp`, `azure`, else the package's name. owner: the workload or shared part.
    noun: what it is, in lower case.
    """

    cloud: str
    owner: str
    noun: str


def of(change: Change, among: Changes) -> Subject:
    """The subject of a change."""
    return of_urn(change.urn, change.type, among)


def of_urn(urn: str, token: str, among: Changes) -> Subject:
    """The subject of a resource that a run touches or leaves."""
    component, name = token, urn.split("::", 3)[-1]
    above = "" if token.startswith("mlplatform:") else among.parents.get(urn, "")
    for _ in range(64):  # parents of a damaged log may go round
        kind = among.types.get(above, "")
        if not kind or kind.startswith("pulumi:"):
            break
        if kind.startswith("mlplatform:"):
            component, name = kind, above.split("::", 3)[-1]
            break
        above = among.parents.get(above, "")
    stack = urn.split("::", 1)[0].rpartition(":")[2]
    own = owner(name, stack=stack)
    return Subject(
        cloud=cloud(component), owner=_workload(own, among.workloads) or own, noun=noun(component)
    )


def _workload(name: str, workloads: frozenset[str]) -> str:
    """The workload whose part it is: `bankchurn-features` is bankchurn's."""
    while name and name not in workloads:
        name = name.rpartition("-")[0]
    return name


def cloud(token: str) -> str:
    """The cloud of a type token, or the package's name."""
    package, _, rest = token.partition(":")
    if package in _OWN:
        return rest.partition(":")[0]
    return _CLOUDS.get(package, package)


def noun(token: str) -> str:
    """The last part of a type token in words: `aws:s3/bucketPolicy:BucketPolicy`, bucket policy."""
    return _WORDS.sub(" ", token.rpartition(":")[2]).lower()


def owner(name: str, *, stack: str) -> str:
    """The name without prefix and environment: `ml-dev-bankchurn` in stack `dev`, bankchurn."""
    split = _SPLIT.fullmatch(stack)
    mark = f"-{split['environment'] if split else stack}-"
    return name.partition(mark)[2] or name
