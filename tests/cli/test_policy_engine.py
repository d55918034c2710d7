"""The real engine agrees to a change that Azure would refuse: `sandbox preview` does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlplatform.review import events
from tests.sandbox import small_programs
from tests.sandbox.small_programs import run

pytestmark = [pytest.mark.engine]

PROGRAM = """
import pulumi
from pulumi_azure_native import keyvault, resources

config = pulumi.Config()
group = resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
keyvault.Vault(
    "vault",
    resource_group_name=group.name,
    vault_name="kv-refused-1",
    properties=keyvault.VaultPropertiesArgs(
        tenant_id="00000000-0000-0000-0000-0000000000aa",
        sku=keyvault.SkuArgs(family="A", name="standard"),
        enable_rbac_authorization=True,
        soft_delete_retention_in_days=config.require_int("days"),
    ),
    tags={"hint": config.require_secret("hint")},
    opts=pulumi.ResourceOptions(
        replace_on_changes=["properties.softDeleteRetentionInDays"],
        delete_before_replace=config.get_bool("delete_first"),
    ),
)
"""
AZURE = {
    "subscription_id": "00000000-0000-0000-0000-000000000001",
    "tenant_id": "00000000-0000-0000-0000-0000000000aa",
    "location": "westeurope",
}


def project(folder: Path, days: int, hint: str, delete_first: bool = False) -> Path:
    settings = {"tiny:days": str(days), "tiny:hint": hint, "tiny:delete_first": str(delete_first)}
    config = {"mlplatform:clouds": {"azure": AZURE}, **settings}
    return small_programs.write(folder, PROGRAM, config=config)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = project(tmp_path_factory.mktemp("policy") / "project", 7, "hunter1")
    try:
        up = run(made, "up")
        assert up.code == 0, up.text
        yield made
    finally:
        run(made, "reset")


def test_what_the_cloud_would_refuse_fails_the_preview_that_the_engine_passed(
    folder: Path,
) -> None:
    done = run(project(folder, 30, "hunter2"), "preview")
    log = events.load(folder / ".sandbox" / "logs" / "preview-events.jsonl")
    assert log.summary is not None and log.summary.succeeded
    assert done.code == 1
    *_, title, refusal = done.text.splitlines()
    assert title == "1 change that a cloud would refuse:"
    assert "vault (azure-native:keyvault:Vault)" in refusal
    assert "properties.softDeleteRetentionInDays: 7 -> 30: " in refusal
    assert "delete_before_replace=True" in refusal
    assert "hunter" not in done.text


def test_the_remedy_passes_and_adds_no_word(folder: Path) -> None:
    done = run(project(folder, 30, "hunter1", delete_first=True), "preview")
    assert done.code == 0, done.text
    assert "would refuse" not in done.text


def test_a_log_of_the_users_own_is_judged_too(folder: Path) -> None:
    made = project(folder, 30, "hunter1")
    done = run(made, "preview", "--", "--event-log", "mine.jsonl")
    assert done.code == 1
    assert "would refuse" in done.text
    assert events.load(made / "mine.jsonl").steps
