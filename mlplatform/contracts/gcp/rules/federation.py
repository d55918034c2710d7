"""Workload identity pools and their providers: ids, issuers, what is mapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.gcp.rules.grammar import PROJECT, Grammar, check_all
from mlplatform.contracts.problem import Problem
from mlplatform.contracts.unknown import is_unknown

POOL_ID = Grammar(
    pattern=r"(?!gcp-)[a-z0-9-]{4,32}",
    words="4 to 32 lower-case letters, digits and dashes, not starting with gcp-",
    source="iam workloadIdentityPools.create workloadIdentityPoolId",
)
ISSUER = Grammar(
    pattern=r"https://\S+",
    words="an address that starts with https://",
    source="iam Oidc.issuerUri",
)
_KINDS = ("aws", "oidc", "saml", "x509")
_SUBJECT = "google.subject"
_MULTI_TENANT = (
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://app.terraform.io",
)
"""Issuers that sign for everybody: Google refuses a provider of these without a condition
(Workload Identity Federation, "Configure with deployment pipelines")."""


def pool(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A pool."""
    yield from check_all(inputs, {"workloadIdentityPoolId": POOL_ID, "project": PROJECT})
    name = inputs.get("displayName")
    if isinstance(name, str) and not is_unknown(name) and len(name) > 32:
        source = "iam WorkloadIdentityPool.displayName"
        message = "allowed: at most 32 characters"
        yield Problem(path="displayName", got=name, message=message, source=source)


def provider(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A provider: one kind of issuer, a subject, a condition for issuers that all may use."""
    ids = ("workloadIdentityPoolId", "workloadIdentityPoolProviderId")
    yield from check_all(inputs, {**dict.fromkeys(ids, POOL_ID), "project": PROJECT})
    given = [kind for kind in _KINDS if inputs.get(kind) is not None]
    if len(given) != 1:
        message = f"allowed: exactly one of {', '.join(_KINDS)}"
        source = "iam WorkloadIdentityPoolProvider"
        yield Problem(path="oidc", got=" and ".join(given) or None, message=message, source=source)
    oidc = inputs.get("oidc")
    if not isinstance(oidc, Mapping):
        return
    issuer = oidc.get("issuerUri")
    yield from ISSUER.check("oidc.issuerUri", issuer)
    mapping = inputs.get("attributeMapping")
    if mapping is None or (isinstance(mapping, Mapping) and _SUBJECT not in mapping):
        message = f"allowed: with {_SUBJECT}, such as assertion.sub"
        source = "iam WorkloadIdentityPoolProvider.attributeMapping"
        yield Problem(path="attributeMapping", got=mapping, message=message, source=source)
    if not inputs.get("attributeCondition") and issuer in _MULTI_TENANT:
        message = "allowed: a condition on the token, for this issuer signs for everybody"
        source = "Workload Identity Federation with deployment pipelines"
        yield Problem(path="attributeCondition", got=None, message=message, source=source)
