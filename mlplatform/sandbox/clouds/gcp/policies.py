"""IAM policies: read, write with etag, and members that must exist.

Sources: cloud.google.com/iam/docs/policies (etag), cloud.google.com/iam/docs/faq (a service account
that was just made may not be found for a while).
"""

from __future__ import annotations

import re
from typing import Any

from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_ACCOUNT = re.compile(r"serviceAccount:(?P<email>[^\s@]+@(?P<domain>[^\s@]+))")
_OWN = re.compile(r"(?P<project>[a-z][a-z0-9-]+)\.iam\.gserviceaccount\.com")
_EMPTY_ETAG = "ACAB"
_AGENT_DOMAINS = (
    "gs-project-accounts.iam.gserviceaccount.com",
    "bigquery-encryption.iam.gserviceaccount.com",
)


def read(world: World, key: str) -> Document:
    """The policy of an object, empty when none was ever set."""
    return world.policies.get(key, {"version": 1, "etag": _EMPTY_ETAG})


def write(world: World, key: str, policy: Document) -> Document:
    """Store a whole policy; ABORTED when someone else wrote in between."""
    current = read(world, key)
    if policy.get("etag") and policy["etag"] != current["etag"]:
        raise Refusal(
            "ABORTED",
            "There were concurrent policy changes. Please retry the whole read-modify-write with "
            "exponential backoff.",
        )
    bindings: list[Document] = []
    for binding in policy.get("bindings", []):
        role = str(binding.get("role", ""))
        if not re.fullmatch(r"roles/[\w.]+|(projects|organizations)/[^/]+/roles/[\w.]+", role):
            raise Refusal("INVALID_ARGUMENT", f"Role {role} is not supported for this resource.")
        for member in binding.get("members", []):
            _known(world, str(member))
        if binding.get("members"):
            bindings.append(binding)
    stored = {**policy, "bindings": bindings, "etag": world.etag()}
    stored.setdefault("version", 3 if any(b.get("condition") for b in bindings) else 1)
    world.policies[key] = stored
    return stored


def grants(world: World, key: str, member: str, role: str) -> bool:
    """Is the member in the role on this very object?"""
    return any(
        binding["role"] == role and member in binding.get("members", ())
        for binding in read(world, key).get("bindings", ())
    )


def account_usable(world: World, email: str) -> Document:
    """The service account; a Refusal when it does not exist, is too new, or is disabled."""
    for _, account in world.children("iam/projects/"):
        if account.get("email") == email:
            if world.fresh(float(account["createdAt"])):
                break
            if account.get("disabled"):
                raise Refusal("FAILED_PRECONDITION", f"Service account {email} is disabled.")
            return account
    raise Refusal("INVALID_ARGUMENT", f"Service account {email} does not exist.")


def agent_key(email: str) -> str:
    """Where an account that Google made for one of its services is kept."""
    return f"agents/{email}"


def _known(world: World, member: str) -> None:
    found = _ACCOUNT.fullmatch(member)
    if found is None:
        return
    email, domain = found["email"], found["domain"]
    if domain.startswith("gcp-sa-") or domain in _AGENT_DOMAINS:
        if agent_key(email) not in world.objects:
            raise Refusal("INVALID_ARGUMENT", f"Service account {email} does not exist.")
    elif _OWN.fullmatch(domain):
        account_usable(world, email)


def members(policy: Document) -> list[tuple[str, str]]:
    """(role, member) pairs of a policy, for the list of what exists."""
    pairs: list[tuple[str, str]] = []
    for binding in policy.get("bindings", ()):
        pairs += [(str(binding["role"]), str(m)) for m in binding.get("members", ())]
    return pairs


def permissions_tested(body: dict[str, Any]) -> Document:
    """The caller of the local cloud owns everything, so it has every permission it asks for."""
    return {"permissions": body.get("permissions", [])}
