"""One life of stack dev-azure: preview, up, read back, change, break, heal, destroy.

The tests run in the order of the file and share one sandbox: each continues where the one before
it stopped. What is read back comes from azure-ai-ml, azure-mgmt-monitor and
azure-mgmt-authorization, the vendor's own clients.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.azure_client import AzureClients, History, assert_always_served, azure_clients
from tests.engine.conftest import Outcome, Project

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("up"),
    # Microsoft's packages warn about themselves.
    pytest.mark.filterwarnings("ignore"),
]

STACK = "dev-azure"
RESNET, CHURN = "ml-dev-resnet50-7ac1b8", "ml-dev-bankchurn-7ac1b8"
PULL_IMAGES = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
READ_BLOBS = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
WRAP_KEYS = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
"""AcrPull, Storage Blob Data Reader, Key Vault Crypto Service Encryption User."""
OTHER_TENANT = "00000000-0000-0000-0000-0000000000bb"
ML = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"


def mlp(project: Project, command: str, *flags: str, expect: int | None = 0) -> Outcome:
    rest = ("--", *flags) if flags else ()
    return project.run("sandbox", command, "--stack", STACK, *rest, expect=expect)


def workload(content: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = content["config"]["mlplatform:workloads"][name]["endpoint"]
    return found


@pytest.fixture(scope="module")
def azure(project: Project) -> Iterator[AzureClients]:
    with azure_clients(project.addresses(STACK)["azure"]) as clients:
        yield clients


@pytest.fixture(scope="module")
def up(project: Project, azure: AzureClients) -> str:
    preview = mlp(project, "preview").text
    assert "to create" in preview, preview
    assert azure.control("GET", "resources") == [], "a preview creates nothing"
    return mlp(project, "up", "--skip-preview").text


@pytest.fixture
def history(project: Project) -> History:
    return History(project.folder / ".sandbox")


def test_up_ends_with_the_endpoints_names(up: str) -> None:
    tail = up[-1500:]
    assert RESNET in tail
    assert CHURN in tail


def test_instance_types_counts_and_traffic_are_as_declared(azure: AzureClients) -> None:
    machine = "Standard_NC4as_T4_v3"
    assert azure.machines(RESNET) == {"v1": (machine, 2), "v2": (machine, 2)}
    assert azure.traffic(RESNET) == {"v1": 90, "v2": 10}
    assert azure.machines(CHURN) == {"primary": ("Standard_D2as_v4", 1)}
    assert azure.traffic(CHURN) == {"primary": 100}


@pytest.mark.parametrize(
    ("endpoint", "name", "package"),
    [(RESNET, "resnet50", "torch==2.0.1"), (CHURN, "bankchurn", "scikit-learn==1.2.2")],
)
def test_each_deployment_has_its_model_environment_and_code(
    azure: AzureClients, endpoint: str, name: str, package: str
) -> None:
    for variant, deployment in azure.deployments(endpoint).items():
        *_, model, _, version = deployment.model.split("/")
        assert model == f"ml-dev-{name}-{variant}"
        found = azure.ml.models.get(model, version)
        assert found.type == "custom_model"
        path = found.path.partition("/datastores/artifacts/paths/")[2]
        assert path.startswith(f"{name}/{version}")
        *_, environment, _, version = deployment.environment.split("/")
        inference = azure.ml.environments.get(environment, version)
        assert inference.image.startswith("mcr.microsoft.com/azureml/")
        assert package in json.dumps(inference.conda_file)
        assert deployment.code_configuration.scoring_script == "score.py"
        assert deployment.app_insights_enabled is True


def test_each_endpoint_has_its_own_identity_and_takes_tokens_of_the_directory(
    azure: AzureClients,
) -> None:
    for endpoint, identity in (
        (RESNET, "ml-dev-resnet50-serve"),
        (CHURN, "ml-dev-bankchurn-serve"),
    ):
        found = azure.ml.online_endpoints.get(endpoint)
        assert found.auth_mode == "aad_token"
        (given,) = found.identity.user_assigned_identities
        assert given.resource_id.endswith(f"/userAssignedIdentities/{identity}")
        assert found.tags["Owner"] == "ml-team"


def test_each_role_is_narrow_and_given_to_a_service_principal(azure: AzureClients) -> None:
    found = list(azure.authorization.role_assignments.list_for_subscription())
    assert {assignment.principal_type for assignment in found} == {"ServicePrincipal"}
    by_role: dict[str, list[tuple[str, str]]] = {}
    for assignment in found:
        role = assignment.role_definition_id.rsplit("/", 1)[1]
        by_role.setdefault(role, []).append((assignment.scope, assignment.principal_id))
    assert set(by_role) == {PULL_IMAGES, READ_BLOBS, WRAP_KEYS}
    for role, narrow in (
        (PULL_IMAGES, "/Microsoft.ContainerRegistry/registries/mldev7ac1b8"),
        (READ_BLOBS, "/storageAccounts/mldev7ac1b8/blobServices/default/containers/artifacts"),
    ):
        scopes, principals = zip(*by_role[role], strict=True)
        assert all(scope.endswith(narrow) for scope in scopes)
        assert len(set(principals)) == 2, "one for each workload"
    ((scope, _),) = by_role[WRAP_KEYS]
    assert scope.endswith("/keys/storage")


def test_autoscale_is_on_with_bounds_targets_and_cooldowns_as_declared(
    azure: AzureClients,
) -> None:
    assert azure.bounds(RESNET) == {"v1": (2, 10), "v2": (2, 10)}
    assert azure.bounds(CHURN) == {"primary": (1, 5)}
    for setting in [*azure.autoscale(RESNET).values(), *azure.autoscale(CHURN).values()]:
        (profile,) = setting.profiles
        assert {
            (
                rule.metric_trigger.metric_name,
                rule.metric_trigger.operator,
                rule.metric_trigger.threshold,
                rule.scale_action.direction,
                rule.scale_action.cooldown.total_seconds(),
            )
            for rule in profile.rules
        } == {
            ("CpuUtilizationPercentage", "GreaterThan", 70.0, "Increase", 60.0),
            ("CpuUtilizationPercentage", "LessThan", 35.0, "Decrease", 300.0),
        }
        for rule in profile.rules:
            assert rule.metric_trigger.metric_resource_uri == setting.target_resource_uri


def test_a_killed_cloud_comes_back_with_everything(project: Project, azure: AzureClients) -> None:
    before = azure.control("GET", "resources")
    status = json.loads((project.folder / ".sandbox/clouds/azure/address.json").read_text())
    os.kill(status["pid"], signal.SIGKILL)
    project.run("sandbox", "env", "--stack", STACK)
    assert azure.control("GET", "resources") == before
    assert azure.traffic(RESNET) == {"v1": 90, "v2": 10}


def test_the_second_preview_and_a_refresh_show_no_change(project: Project) -> None:
    mlp(project, "preview", "--expect-no-changes")
    mlp(project, "refresh", "--expect-no-changes")


def test_a_fault_in_the_middle_is_a_failure_and_drops_no_traffic(
    project: Project, azure: AzureClients, history: History
) -> None:
    azure.move_count(RESNET, "v1", 7)
    content = project.stack_file()
    content["config"]["mlplatform:labels"]["owner"] = "another-team"
    endpoint = workload(content, "resnet50")
    endpoint["variants"] = {"v1": {"weight": 60}, "v2": {"weight": 40}}
    endpoint["scaling"] |= {"min": 3, "max": 12}
    project.write_stack_file(content)
    mark = history.now()
    azure.control(
        "POST",
        "faults",
        {
            "operation": f"{ML}/write",
            "kind": "failed_operation",
            "contains": CHURN,
            "message": "The region is out of order.",
        },
    )
    failed = mlp(project, "up", "--skip-preview", expect=None)
    assert failed.code != 0
    assert "The region is out of order." in failed.text, failed.text
    assert azure.control("GET", "faults") == []
    assert_always_served(history.since(mark, CHURN))
    assert_always_served(history.since(mark, RESNET))


def test_the_next_up_heals_and_changes_weights_and_bounds_in_place(
    project: Project, azure: AzureClients, history: History
) -> None:
    names = {variant: found.name for variant, found in azure.deployments(RESNET).items()}
    mark = history.now()
    mlp(project, "up", "--skip-preview")
    healed = azure.ml.online_endpoints.get(CHURN)
    assert healed.provisioning_state.value == "Succeeded"
    assert healed.tags["Owner"] == "another-team"
    # Nothing of the traffic of this endpoint was to change: its update alone had to keep it.
    assert azure.traffic(CHURN) == {"primary": 100}
    assert azure.traffic(RESNET) == {"v1": 60, "v2": 40}
    assert azure.bounds(RESNET) == {"v1": (3, 12), "v2": (3, 12)}
    after = azure.deployments(RESNET)
    assert {variant: found.name for variant, found in after.items()} == names
    # v1 as autoscale left it; v2 brought into its new bounds.
    assert {variant: found.instance_count for variant, found in after.items()} == {"v1": 7, "v2": 3}
    for endpoint in (RESNET, CHURN):
        assert_always_served(history.since(mark, endpoint))


def test_another_instance_type_is_a_new_deployment_that_takes_over_in_one_up(
    project: Project, azure: AzureClients, history: History
) -> None:
    old = {found.name for found in azure.deployments(RESNET).values()}
    content = project.stack_file()
    workload(content, "resnet50")["azure"]["instance_type"] = "Standard_NC8as_T4_v3"
    project.write_stack_file(content)
    mark = history.now()
    mlp(project, "up", "--skip-preview")
    machine = "Standard_NC8as_T4_v3"
    assert azure.machines(RESNET) == {"v1": (machine, 7), "v2": (machine, 3)}
    assert azure.traffic(RESNET) == {"v1": 60, "v2": 40}
    assert azure.bounds(RESNET) == {"v1": (3, 12), "v2": (3, 12)}
    new = {found.name for found in azure.deployments(RESNET).values()}
    assert not new & old
    moments = history.since(mark, RESNET)
    assert_always_served(moments)
    assert set(moments[0].traffic) == old
    assert set(moments[-1].traffic) == new
    assert any(moment.ready >= old | new for moment in moments), "the old ones go last"


def test_a_kill_in_the_middle_of_an_update_converges_with_no_deployment_left_over(
    project: Project, azure: AzureClients, history: History
) -> None:
    (old,) = azure.deployments(CHURN).values()
    content = project.stack_file()
    workload(content, "bankchurn")["azure"]["instance_type"] = "Standard_D4as_v4"
    project.write_stack_file(content)
    mark = history.now()
    # Done, but never answered: the engine is killed before it knows of the new deployment.
    azure.control(
        "POST",
        "faults",
        {
            "operation": f"{ML}/deployments/write",
            "kind": "lost_answer",
            "times": 1000,
            "contains": f"{CHURN}/deployments/",
        },
    )
    running = subprocess.Popen(
        [*project.command("sandbox", "up", "--stack", STACK), "--", "--skip-preview"],
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(list(azure.ml.online_deployments.list(CHURN))) == 1:
        assert time.monotonic() < deadline, "the new deployment was never begun"
        assert running.poll() is None, "the update ended before it could be killed"
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    azure.control("DELETE", "faults")

    mlp(project, "up", "--skip-preview")
    assert azure.machines(CHURN) == {"primary": ("Standard_D4as_v4", 1)}
    assert azure.deployments(CHURN)["primary"].name != old.name
    assert azure.traffic(CHURN) == {"primary": 100}
    assert azure.bounds(CHURN) == {"primary": (1, 5)}
    assert_always_served(history.since(mark, CHURN))


def test_destroy_leaves_only_what_azure_keeps_to_be_taken_back(
    project: Project, azure: AzureClients
) -> None:
    mlp(project, "destroy")
    assert list(azure.ml.workspaces.list()) == []
    vault, logs = azure.control("GET", "resources")
    assert vault.startswith("Microsoft.KeyVault/deletedVaults ml-dev-keys")
    assert logs.startswith("Microsoft.OperationalInsights/workspaces ")
    assert logs.endswith("/ml-dev-logs-westeurope (deleted)")


def test_credentials_of_another_account_are_refused_before_anything_is_created(
    project: Project, azure: AzureClients
) -> None:
    before = azure.control("GET", "resources")
    others = {
        "MLP_SANDBOX_AZURE_TENANT_ID": OTHER_TENANT,
        "MLP_SANDBOX_AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000009",
    }
    project.environ.update(others)
    try:
        refused = mlp(project, "up", "--skip-preview", expect=None)
    finally:
        for variable in others:
            del project.environ[variable]
    assert refused.code != 0
    assert f"the credentials belong to tenant {others['MLP_SANDBOX_AZURE_TENANT_ID']}" in (
        refused.text
    ), refused.text
    assert f"the credentials see subscription {others['MLP_SANDBOX_AZURE_SUBSCRIPTION_ID']}" in (
        refused.text
    )
    assert azure.control("GET", "resources") == before


def test_the_next_up_after_a_destroy_succeeds_in_another_tenant_too(
    project: Project, azure: AzureClients
) -> None:
    project.reset_stack_files()
    content = project.stack_file()
    # The local cloud, which runs already, plays the tenant of each stack that asks.
    content["config"]["mlplatform:clouds"]["azure"]["tenant_id"] = OTHER_TENANT
    project.write_stack_file(content)
    mlp(project, "up", "--skip-preview")
    assert azure.traffic(RESNET) == {"v1": 90, "v2": 10}
    assert azure.bounds(CHURN) == {"primary": (1, 5)}


def test_in_another_region_all_is_made_anew_under_the_same_names(
    project: Project, azure: AzureClients
) -> None:
    content = project.stack_file()
    content["config"]["mlplatform:clouds"]["azure"]["location"] = "northeurope"
    project.write_stack_file(content)
    mlp(project, "up", "--skip-preview")
    workspace = azure.ml.workspaces.get("ml-dev")
    assert workspace.location == "northeurope"
    assert "Microsoft.MachineLearningServices/workspaces" not in {
        line.split()[0] for line in azure.control("GET", "resources") if "(deleted)" in line
    }, "the old one gave its name back"
    assert azure.traffic(RESNET) == {"v1": 90, "v2": 10}
    (store,) = azure.storage.storage_accounts.list()
    assert store.location == "northeurope"
    mlp(project, "refresh", "--expect-no-changes")
    mlp(project, "preview", "--expect-no-changes")


HUB = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/hub"
VAULT = f"{HUB}/providers/Microsoft.KeyVault/vaults/hub-keys"
REGISTRY = f"{HUB}/providers/Microsoft.ContainerRegistry/registries/hub"
LOGS = f"{HUB}/providers/Microsoft.OperationalInsights/workspaces/hub-logs"
NETWORK = f"{HUB}/providers/Microsoft.Network/virtualNetworks/hub"
SUBNET = f"{NETWORK}/subnets/private"
ZONES = {
    f"{HUB}/providers/Microsoft.Network/privateDnsZones/privatelink.{name}"
    for name in (
        "api.azureml.ms",
        "notebooks.azure.net",
        "blob.core.windows.net",
        "file.core.windows.net",
    )
}
EXISTING: dict[str, Any] = {
    HUB: {"location": "westeurope"},
    VAULT: {
        "location": "westeurope",
        "properties": {
            "tenantId": "00000000-0000-0000-0000-0000000000aa",
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "enablePurgeProtection": True,
        },
    },
    REGISTRY: {"location": "westeurope", "sku": {"name": "Premium"}},
    LOGS: {"location": "westeurope"},
    NETWORK: {
        "location": "westeurope",
        "properties": {
            "addressSpace": {"addressPrefixes": ["10.9.0.0/24"]},
            "subnets": [{"name": "private", "properties": {"addressPrefix": "10.9.0.0/26"}}],
        },
    },
    **{zone: {"location": "global"} for zone in sorted(ZONES)},
}


def hub(azure: AzureClients) -> list[str]:
    """What another team has, as the cloud lists it."""
    return [
        line for line in azure.control("GET", "resources") if "/resourcegroups/hub" in low(line)
    ]


def low(text: str) -> str:
    return text.lower()


@pytest.fixture(scope="module")
def existing(project: Project, azure: AzureClients) -> list[str]:
    """The stack again, small, with what another team has; what that team had before."""
    mlp(project, "destroy")
    for id_, body in EXISTING.items():
        azure.raw("PUT", id_, body)
    before = hub(azure)
    project.reset_stack_files()
    content = project.stack_file()
    workloads = content["config"]["mlplatform:workloads"]
    content["config"]["mlplatform:workloads"] = {"bankchurn": workloads["bankchurn"]}
    content["config"]["mlplatform:clouds"]["azure"] |= {
        "key_vault_id": VAULT,
        "container_registry_id": REGISTRY,
        "log_analytics_id": LOGS,
        "network": {
            "isolation": "internet_outbound",
            "private": True,
            "subnet_id": SUBNET,
            "dns_group_id": HUB,
        },
    }
    project.write_stack_file(content)
    mlp(project, "up", "--skip-preview")
    return before


def test_what_exists_is_used_by_its_id(azure: AzureClients, existing: list[str]) -> None:
    workspace = azure.ml.workspaces.get("ml-dev")
    assert (workspace.key_vault, workspace.container_registry) == (VAULT, REGISTRY)
    insights = azure.raw("GET", workspace.application_insights)["properties"]
    assert insights["WorkspaceResourceId"] == LOGS
    (account,) = azure.storage.storage_accounts.list()
    assert (
        account.encryption.key_vault_properties.key_vault_uri == "https://hub-keys.vault.azure.net/"
    )
    found = list(azure.network.private_endpoints.list("ml-dev"))
    assert {one.subnet.id for one in found} == {SUBNET}
    zones = {
        zone.private_dns_zone_id
        for one in found
        for group in azure.network.private_dns_zone_groups.list(one.name, "ml-dev")
        for zone in group.private_dns_zone_configs
    }
    assert zones == ZONES
    lines = [line.split() for line in azure.control("GET", "resources")]
    own = {line[0] for line in lines if "/ml-dev/" in line[1] and line[-1] != "(deleted)"}
    assert not own & {line.split()[0] for line in existing}, "nothing of that kind is made"
    assert set(existing) < set(hub(azure)), "the key, and who may use it"


def test_what_exists_stays_and_the_next_up_takes_the_key_again(
    project: Project, azure: AzureClients, existing: list[str]
) -> None:
    mlp(project, "preview", "--expect-no-changes")
    key = azure.raw("GET", f"{VAULT}/keys/ml-dev-storage")["properties"]["keyUriWithVersion"]
    mlp(project, "destroy")
    assert set(hub(azure)) - set(existing) == {
        f"Microsoft.KeyVault/vaults/keys {VAULT}/keys/ml-dev-storage"
    }
    mlp(project, "up", "--skip-preview")
    assert (
        azure.raw("GET", f"{VAULT}/keys/ml-dev-storage")["properties"]["keyUriWithVersion"] == key
    )


def test_a_workspace_that_is_to_be_kept_stands_first_and_holds_its_name_after(
    project: Project, azure: AzureClients, existing: list[str]
) -> None:
    content = project.stack_file()
    content["config"]["mlplatform:clouds"]["azure"]["deleted_workspaces"] = "keep"
    project.write_stack_file(content)
    mlp(project, "up", "--skip-preview")
    assert azure.ml.workspaces.get("ml-dev").name == "ml-dev", "only the purge went"
    mlp(project, "destroy")
    left = set(azure.control("GET", "resources")) - set(existing)
    assert [line.split()[0] for line in left if line.endswith("/ml-dev (deleted)")] == [
        "Microsoft.MachineLearningServices/workspaces"
    ]
