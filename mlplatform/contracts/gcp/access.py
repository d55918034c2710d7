"""What a principal may do: bindings judged against roles and conditions, as Google Cloud does.

A binding on a resource holds there and below (cloud.google.com/iam/docs/resource-hierarchy-access-
control). One with a condition holds where the condition does; of its language, what the platform
writes is understood: ``resource.name.startsWith``, ``resource.type ==``, ``resource.name ==``,
joined by ``&&`` (cloud.google.com/iam/docs/conditions-attribute-reference). Anything else raises.
Deny policies and rules of the organisation are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlplatform.catalog import gcp_roles

_TERM = re.compile(
    r'resource\.(?:name\.startsWith\("(?P<start>[^"]*)"\)'
    r'|name == "(?P<name>[^"]*)"|type == "(?P<type>[^"]*)")'
)
_DATASET_ROLES = {
    "READER": gcp_roles.READ_TABLES,
    "WRITER": gcp_roles.WRITE_TABLES,
    "OWNER": gcp_roles.OWN_TABLES,
}
"""Source: bigquery Dataset.access.role."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Something that a permission is asked for."""

    name: str
    """As IAM conditions see it, such as ``projects/_/buckets/B/objects/O``."""
    type: str
    """Such as ``storage.googleapis.com/Object``."""
    project: str


@dataclass(frozen=True, kw_only=True)
class Binding:
    """One member in one role on one resource."""

    member: str
    role: str
    resource: str
    """Name of the resource; ``projects/P`` for a whole project."""
    condition: str = ""


def bucket(name: str, project: str) -> Resource:
    """A bucket of Cloud Storage."""
    kind = "storage.googleapis.com/Bucket"
    return Resource(name=f"projects/_/buckets/{name}", type=kind, project=project)


def stored_object(bucket_name: str, name: str, project: str) -> Resource:
    """An object in a bucket."""
    path = f"projects/_/buckets/{bucket_name}/objects/{name}"
    return Resource(name=path, type="storage.googleapis.com/Object", project=project)


def bindings(token: str, inputs: Mapping[str, Any]) -> Iterator[Binding]:
    """The bindings that one resource of a program makes, read from its inputs."""
    if token == "gcp:bigquery/dataset:Dataset":
        yield from _dataset(inputs)
        return
    resource = _bound(token, inputs)
    if resource is None:
        return
    condition = inputs.get("condition") or {}
    expression = str(condition.get("expression", ""))
    yield Binding(
        member=inputs["member"], role=inputs["role"], resource=resource, condition=expression
    )


def may(
    given: Iterable[Binding],
    member: str,
    permission: str,
    resource: Resource,
    *,
    custom: Mapping[str, frozenset[str]] | None = None,
) -> bool:
    """Whether a member may do something to a resource.

    custom: roles of one's own, by name.

    Raises:
        LookupError: a role of the member is not known.
        ValueError: a condition says what is not understood.
    """
    known = {**gcp_roles.PREDEFINED, **(custom or {})}
    for one in given:
        if one.member != member or not _within(resource, one.resource):
            continue
        if one.role not in known:
            raise LookupError(f"no permissions are known for {one.role}")
        if permission in known[one.role] and holds(one.condition, resource):
            return True
    return False


def holds(expression: str, resource: Resource) -> bool:
    """Whether a condition holds for a resource; an empty one always does."""
    if "||" in expression:
        return any(holds(part, resource) for part in expression.split("||"))
    for text in filter(None, (part.strip() for part in expression.split("&&"))):
        term = _TERM.fullmatch(text)
        if term is None:
            raise ValueError(f"condition {text!r} is not understood")
        kind, want = str(term.lastgroup), term[str(term.lastgroup)]
        if kind == "start":
            met = resource.name.startswith(want)
        else:
            met = want == (resource.name if kind == "name" else resource.type)
        if not met:
            return False
    return True


def _within(resource: Resource, scope: str) -> bool:
    if scope == f"projects/{resource.project}":
        return True
    return f"{resource.name}/".startswith(f"{scope}/")


def _bound(token: str, inputs: Mapping[str, Any]) -> str | None:
    """The resource whose policy a binding joins; None for what is no binding."""
    kind = token.rpartition(":")[2]
    if kind == "BucketIAMMember":
        return f"projects/_/buckets/{inputs['bucket']}"
    if token == "gcp:projects/iAMMember:IAMMember":
        return f"projects/{inputs['project']}"
    if kind == "CryptoKeyIAMMember":
        return str(inputs["cryptoKeyId"])
    if kind == "RepositoryIamMember":
        return "projects/{project}/locations/{location}/repositories/{repository}".format(**inputs)
    if token == "gcp:serviceaccount/iAMMember:IAMMember":
        return str(inputs["serviceAccountId"])
    if "IAM" in kind and kind.lower().endswith(("iammember", "iambinding", "iampolicy")):
        raise LookupError(f"bindings of {token} are not understood")
    return None


def _dataset(inputs: Mapping[str, Any]) -> Iterator[Binding]:
    name = f"projects/{inputs['project']}/datasets/{inputs['datasetId']}"
    for entry in inputs.get("accesses") or ():
        role = _DATASET_ROLES.get(entry.get("role"), str(entry.get("role")))
        member = entry.get("iamMember") or (
            f"serviceAccount:{entry['userByEmail']}"
            if "userByEmail" in entry
            else f"group:{entry['groupByEmail']}"
            if "groupByEmail" in entry
            else str(entry.get("specialGroup"))
        )
        yield Binding(member=member, role=role, resource=name)
