"""Whom the account of pipelines trusts."""

from __future__ import annotations

from mlplatform.spec.findings import Findings
from mlplatform.spec.models.gcp_ci import GcpCiModel, GcpTrustModel
from mlplatform.spec.plan import GcpCi, GcpTrust

AT = "clouds.gcp.ci"
GITHUB = "https://token.actions.githubusercontent.com"
"""GitHub Docs, "Configuring OpenID Connect in Google Cloud Platform"."""
SUBJECT_BYTES = 127
"""Most that google.subject holds (Workload Identity Federation, "Attribute mappings")."""


def ci(asked: GcpCiModel | None, findings: Findings) -> GcpCi | None:
    """Every trust with its issuer and subject; None when no pipelines are asked for."""
    if asked is None:
        return None
    found = [
        one
        for name, trust in asked.trusts.items()
        if (one := _trust(name, trust, f"{AT}.trusts.{name}", findings)) is not None
    ]
    first: dict[tuple[str, str], str] = {}
    for one in found:
        other = first.setdefault((one.issuer, one.subject), one.name)
        if other != one.name:
            words = f"allowed: each subject once; {other} trusts it already"
            findings.problem(f"{AT}.trusts.{one.name}", one.subject, words)
    pool = asked.pool_id
    if pool is not None and pool.startswith("gcp-"):
        findings.problem(f"{AT}.pool_id", pool, "allowed: no gcp- at the start, which Google keeps")
    return GcpCi(pool_id=pool, trusts=tuple(found))


def _trust(name: str, asked: GcpTrustModel, at: str, findings: Findings) -> GcpTrust | None:
    given = asked.model_dump(exclude_none=True)
    if asked.github is None:
        if asked.issuer is None or asked.subject is None or set(given) != {"issuer", "subject"}:
            findings.problem(at, given, "allowed: github, or issuer and subject")
            return None
        subject, issuer = asked.subject, asked.issuer
    else:
        places = {"environment": asked.environment, "branch": asked.branch}
        chosen = {key: value for key, value in places.items() if value is not None}
        if len(chosen) != 1 or asked.issuer is not None or asked.subject is not None:
            findings.problem(at, given, "allowed with github: environment or branch, one of them")
            return None
        ((kind, value),) = chosen.items()
        where = f"environment:{value}" if kind == "environment" else f"ref:refs/heads/{value}"
        subject, issuer = f"repo:{asked.github}:{where}", GITHUB
    if len(subject.encode()) > SUBJECT_BYTES:
        findings.problem(at, subject, f"allowed: a subject of at most {SUBJECT_BYTES} bytes")
        return None
    return GcpTrust(name=name, issuer=issuer, subject=subject)
