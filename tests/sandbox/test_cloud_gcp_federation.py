"""What IAM keeps when it is deleted, through the stand-in for pulumi-gcp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlplatform.provider.model import NotFound, ProviderError
from tests.sandbox.gcp_served import PROJECT, Served, served
from tests.sandbox.test_cloud_gcp_provider import Driver

ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
POOL = "gcp:iam/workloadIdentityPool:WorkloadIdentityPool"
PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp")) as cloud:
        yield cloud


@pytest.fixture
def gcp(running: Served, monkeypatch: pytest.MonkeyPatch) -> Driver:
    running.reset()
    for name, value in running.environ.items():
        monkeypatch.setenv(name, value)
    return Driver()


def role(gcp: Driver, *permissions: str) -> tuple[str, Any, Any]:
    given = {"roleId": "deploys", "title": "deploys", "permissions": list(permissions)}
    return gcp.create(ROLE, "role", project=PROJECT, **given)


def pool(gcp: Driver) -> tuple[str, Any, Any]:
    return gcp.create(POOL, "pool", project=PROJECT, workloadIdentityPoolId="pipelines")


def deleted(gcp: Driver, token: str, made: tuple[str, Any, Any]) -> None:
    ident, state, inputs = made
    gcp.provider.delete(gcp.context(token, "x"), ident, inputs, state)
    with pytest.raises(NotFound):
        gcp.read(token, ident, inputs, state)


def test_a_deleted_role_is_taken_back_with_what_it_is_to_allow_now(gcp: Driver) -> None:
    deleted(gcp, ROLE, role(gcp, "aiplatform.models.get"))
    _, state, _ = role(gcp, "aiplatform.models.upload")
    assert state["permissions"] == ["aiplatform.models.upload"]


def test_a_role_of_somebody_else_is_not_taken_over(gcp: Driver) -> None:
    role(gcp, "aiplatform.models.get")
    given = {"roleId": "deploys", "title": "mine", "permissions": ["aiplatform.models.get"]}
    with pytest.raises(ProviderError, match="already there"):
        gcp.create(ROLE, "other", project=PROJECT, **given)


def test_a_deleted_pool_keeps_its_id(gcp: Driver) -> None:
    deleted(gcp, POOL, pool(gcp))
    with pytest.raises(ProviderError, match="already exists"):
        pool(gcp)


def test_a_provider_is_read_back_without_drift_and_changes_in_place(gcp: Driver) -> None:
    pool(gcp)
    ident, state, inputs = gcp.create(
        PROVIDER,
        "deploy",
        project=PROJECT,
        workloadIdentityPoolId="pipelines",
        workloadIdentityPoolProviderId="deploy",
        attributeMapping={"google.subject": "assertion.sub"},
        attributeCondition='assertion.sub == "a"',
        oidc={"issuerUri": "https://gitlab.com"},
    )
    assert gcp.read(PROVIDER, ident, inputs, state)[1] == inputs
    new = {**inputs, "attributeCondition": 'assertion.sub == "b"'}
    after = gcp.provider.update(gcp.context(PROVIDER, "deploy"), ident, inputs, state, new)
    assert after["attributeCondition"] == 'assertion.sub == "b"'
