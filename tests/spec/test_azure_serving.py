"""Serving on Azure: what is planned, what is on the gap list, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mlplatform import spec
from mlplatform.spec import (
    AzureCapture,
    AzureEndpoint,
    AzurePlan,
    AzureProbe,
    AzureRollout,
    AzureTrust,
    AzureWorkload,
)
from tests.spec.stacks import DELETE, ROOT, changed, config, problems

DEV = config(ROOT / "Pulumi.dev.yaml")
AT = "workloads.bankchurn.endpoint"
TRUSTS = "clouds.azure.ci.trusts"


def planned(changes: dict[str, Any]) -> AzurePlan:
    platform = spec.read(changed(DEV, changes), stack="dev-azure", root=ROOT)
    assert platform.azure is not None
    return platform.azure


def endpoint(changes: dict[str, Any]) -> AzureEndpoint:
    (found,) = [w.endpoint for w in planned(changes).workloads if w.name == "bankchurn"]
    assert found is not None
    return found


def refused(changes: dict[str, Any]) -> dict[str, str]:
    return problems(changed(DEV, changes), stack="dev-azure")


def night(cron: str, **bounds: int) -> dict[str, Any]:
    return {f"{AT}.scaling.schedules": {"night": {"cron": cron, "min": 1, "max": 1, **bounds}}}


def test_steps_around_a_target_under_azure_are_what_was_asked_for() -> None:
    strict = spec.read(changed(DEV, {"strict": True}), stack="dev-azure", root=ROOT)
    assert strict.gaps == ()


def test_each_time_of_day_of_a_schedule_is_a_profile_on_its_days() -> None:
    found = endpoint(night("0,30 20 * * 1-5")).schedules
    assert [(one.name, one.weekdays, one.hour, one.minute) for one in found] == [
        ("night-2000", (1, 2, 3, 4, 5), 20, 0),
        ("night-2030", (1, 2, 3, 4, 5), 20, 30),
    ]
    (daily,) = endpoint(night("0 20 * * *")).schedules
    assert (daily.name, daily.weekdays) == ("night", (0, 1, 2, 3, 4, 5, 6))


@pytest.mark.parametrize("cron", ["0 20 1 * *", "0 20 * 6 *"])
def test_days_of_the_month_are_refused_as_azure_monitor_has_none(cron: str) -> None:
    assert list(refused(night(cron))) == [f"{AT}.scaling.schedules.night.cron"]


def test_more_times_than_a_setting_has_profiles_are_refused() -> None:
    found = refused(night("*/3 * * * *"))
    assert "fewer than 20" in found[f"{AT}.scaling.schedules"]


def test_a_shadow_takes_copies_of_a_whole_percent_up_to_half() -> None:
    both = {"v1": {"weight": 100}, "v2": {"weight": 0, "shadow_percent": 10}}
    assert [v.shadow_percent for v in endpoint({f"{AT}.variants": both}).variants] == [0, 10]
    both["v2"] = {"weight": 0, "shadow_percent": 60}
    assert "1 to 50" in refused({f"{AT}.variants": both})[f"{AT}.variants.v2.shadow_percent"]
    both["v2"] = both["v3"] = {"weight": 0, "shadow_percent": 10}
    assert "one shadow" in refused({f"{AT}.variants": both})[f"{AT}.variants.v3.shadow_percent"]


def test_probes_and_requests_have_azures_own_defaults() -> None:
    plain = endpoint({})
    assert (plain.request_timeout_s, plain.liveness) == (90, None)
    asked = endpoint(
        {
            f"{AT}.azure.request": {"timeout_s": 30, "max_concurrent_per_instance": 4},
            f"{AT}.azure.readiness_probe": {"initial_delay_s": 60},
            f"{AT}.azure.egress": "workspace",
        }
    )
    assert (asked.request_timeout_s, asked.max_concurrent_per_instance) == (30, 4)
    assert asked.readiness == AzureProbe(
        initial_delay_s=60, period_s=10, timeout_s=2, success_threshold=1, failure_threshold=30
    )
    assert asked.egress_public is False
    assert (
        "180"
        in refused({f"{AT}.azure.request": {"timeout_s": 181}})[f"{AT}.azure.request.timeout_s"]
    )


def test_capture_is_planned_and_is_a_gap_for_an_image_of_ones_own() -> None:
    asked = {f"{AT}.capture": {"sampling_percent": 50, "retention_days": 30}}
    assert endpoint(asked).capture == AzureCapture(sampling_percent=50, retention_days=30)
    own = {"workloads.bankchurn.model.image": {"azure": "acme.azurecr.io/serve:1"}}
    platform = spec.read(changed(DEV, asked | own), stack="dev-azure", root=ROOT)
    assert [gap.path for gap in platform.gaps] == [f"{AT}.capture"]


def test_a_rollout_has_steps_and_alarms_unless_it_is_at_once() -> None:
    asked = {"strategy": "linear", "step_percent": 25, "alarms": {"error_percent": 5}}
    found = endpoint({f"{AT}.rollout": asked}).rollout
    assert found == AzureRollout(
        strategy="linear", step_percent=25, wait_s=600, max_error_percent=5
    )
    assert endpoint({f"{AT}.rollout": {"strategy": "all_at_once"}}).rollout is None


def test_a_repository_is_trusted_by_its_branch_or_environment() -> None:
    trusts = {
        "deploy": {"github": "acme/ml", "environment": "dev"},
        "main": {"github": "acme/ml", "branch": "main"},
        "other": {"issuer": "https://gitlab.com", "subject": "project_path:acme/ml"},
    }
    github = "https://token.actions.githubusercontent.com"
    assert planned({TRUSTS: trusts}).ci == (
        AzureTrust(name="deploy", issuer=github, subject="repo:acme/ml:environment:dev"),
        AzureTrust(name="main", issuer=github, subject="repo:acme/ml:ref:refs/heads/main"),
        AzureTrust(name="other", issuer="https://gitlab.com", subject="project_path:acme/ml"),
    )


@pytest.mark.parametrize(
    "trust",
    [
        {"github": "acme/ml"},
        {"github": "acme/ml", "environment": "dev", "branch": "main"},
        {"issuer": "https://gitlab.com"},
        {"issuer": "https://gitlab.com", "subject": "x", "branch": "main"},
    ],
)
def test_a_trust_that_says_too_little_or_too_much_is_refused(trust: dict[str, str]) -> None:
    assert list(refused({TRUSTS: {"deploy": trust}})) == [f"{TRUSTS}.deploy"]


BATCH = {
    f"{AT}.mode": "batch",
    f"{AT}.scaling": {"min": 0, "max": 4},
    f"{AT}.azure.target": DELETE,
    f"{AT}.azure.batch": {"files_per_batch": 20},
}


def workload(changes: dict[str, Any]) -> AzureWorkload:
    (found,) = [one for one in planned(changes).workloads if one.name == "bankchurn"]
    return found


def test_a_batch_endpoint_may_have_no_node_while_there_is_no_work() -> None:
    found = workload(BATCH)
    assert found.endpoint is None
    assert found.batch is not None
    assert (found.batch.min_nodes, found.batch.max_nodes) == (0, 4)
    assert (found.batch.files_per_batch, found.batch.low_priority) == (20, False)


def test_a_catalogue_model_needs_nothing_but_its_name() -> None:
    model = "azureml://registries/azureml/models/Phi-4"
    changes = {f"{AT}.mode": "serverless", f"{AT}.azure": {"serverless": {"model_id": model}}}
    found = workload(changes).serverless
    assert found is not None
    assert (found.model_id, found.marketplace) == (model, True)
    assert list(refused({f"{AT}.mode": "serverless", f"{AT}.azure": {}})) == [
        f"{AT}.azure.serverless"
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({f"{AT}.mode": "asynchronous"}, f"{AT}.mode"),
        ({f"{AT}.azure.batch": {"retries": 1}}, f"{AT}.azure.batch"),
        ({**BATCH, f"{AT}.azure.target": {"cpu_percent": 70}}, f"{AT}.azure.target"),
        ({**BATCH, f"{AT}.capture": {}}, f"{AT}.capture"),
        ({f"{AT}.azure": {"instance_type": "Standard_D2as_v4"}}, f"{AT}.azure.target"),
        ({f"{AT}.scaling.min": 0}, f"{AT}.scaling.min"),
    ],
)
def test_what_a_mode_does_not_have_is_refused(changes: dict[str, Any], path: str) -> None:
    assert list(refused(changes)) == [path]
