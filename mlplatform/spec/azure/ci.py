"""Whom the identity of pipelines trusts."""

from __future__ import annotations

from mlplatform.spec.findings import Findings
from mlplatform.spec.models.azure import AzureCiModel, AzureTrustModel
from mlplatform.spec.plan import AzureTrust

GITHUB = "https://token.actions.githubusercontent.com"
"""GitHub Docs, "Configuring OpenID Connect in Azure"."""

SUBJECT_MOST = 600
"""Characters (REST reference of federated identity credentials)."""


def ci(asked: AzureCiModel | None, findings: Findings) -> tuple[AzureTrust, ...]:
    """Every trust with its issuer and subject; none when no pipelines are asked for."""
    found: list[AzureTrust] = []
    for name, trust in (asked.trusts if asked is not None else {}).items():
        at = f"clouds.azure.ci.trusts.{name}"
        one = _trust(name, trust, at, findings)
        if one is not None:
            _fits(one, at, found, findings)
            found.append(one)
    return tuple(found)


def _fits(one: AzureTrust, at: str, before: list[AzureTrust], findings: Findings) -> None:
    """An identity takes each issuer and subject once (Workload identity federation:
    considerations and restrictions).
    """
    if len(one.subject) > SUBJECT_MOST:
        words = f"allowed: a subject of at most {SUBJECT_MOST} characters, this has"
        findings.problem(at, one.subject, f"{words} {len(one.subject)}")
    twin = next((b for b in before if (b.issuer, b.subject) == (one.issuer, one.subject)), None)
    if twin is not None:
        findings.problem(at, one.subject, f"allowed: once, and {twin.name} trusts it already")


def _trust(name: str, asked: AzureTrustModel, at: str, findings: Findings) -> AzureTrust | None:
    given = asked.model_dump(exclude_none=True)
    if asked.github is None:
        if asked.issuer is None or asked.subject is None or set(given) != {"issuer", "subject"}:
            findings.problem(at, given, "allowed: github, or issuer and subject")
            return None
        return AzureTrust(name=name, issuer=asked.issuer, subject=asked.subject)
    places = {"environment": asked.environment, "branch": asked.branch}
    chosen = {key: value for key, value in places.items() if value is not None}
    if len(chosen) != 1 or asked.issuer is not None or asked.subject is not None:
        findings.problem(at, given, "allowed with github: environment or branch, one of them")
        return None
    ((kind, value),) = chosen.items()
    where = f"environment:{value}" if kind == "environment" else f"ref:refs/heads/{value}"
    return AzureTrust(name=name, issuer=GITHUB, subject=f"repo:{asked.github}:{where}")
