"""Azure components: what they ask for, whom they let in, and that Azure would accept it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.azure.access import PULL_IMAGES, READ_BLOBS, Access, AccessArgs, GrantArgs
from components.azure.assets import ScoringArgs
from components.azure.autoscale import DAYS, ScalingArgs, ScheduledBoundsArgs
from components.azure.capture import CaptureArgs
from components.azure.endpoint import Endpoint, EndpointArgs
from components.azure.group import Group, GroupArgs
from components.azure.keys import Keys, KeysArgs
from components.azure.place import Place, assignment_name
from components.azure.serving import ProbeArgs, RequestArgs, RolloutArgs, VariantArgs
from components.azure.storage import Storage, StorageArgs
from components.azure.workspace import Workspace, WorkspaceArgs
from mlplatform.contracts import check, covers
from tests import recorder
from tests.recorder import Inventory, run

PLACE = Place(
    subscription_id="00000000-0000-0000-0000-000000000001",
    tenant_id="00000000-0000-0000-0000-0000000000aa",
    location="westeurope",
    resource_group="ml-test",
)
TAGS = {"Owner": "ml-team"}
SCALING = ScalingArgs(
    metric="cpu_percent", target_percent=70, scale_in_cooldown_s=300, scale_out_cooldown_s=60
)
SCORING = ScoringArgs(
    code_uri="https://mltest.blob.core.windows.net/artifacts/code/x",
    script="score.py",
    sha256="ab" * 32,
)
ML = "azure-native:machinelearningservices"


class AzureMocks(recorder._Mocks):
    """Identities go in as a list and come out as a map; a principal is a GUID."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str | None, dict[Any, Any]]:
        id_, outputs = super().new_resource(args)
        identity = outputs.get("identity")
        if args.typ.startswith("azure-native:") and isinstance(identity, dict):
            users = identity.get("userAssignedIdentities") or []
            outputs["identity"] = {**identity, "userAssignedIdentities": {u: {} for u in users}}
        outputs.setdefault("principalId", str(uuid.UUID(int=1)))
        if args.typ == "mlgap:azure:OnlineDeployment":
            outputs["deploymentName"] = f"{outputs['variant']}-abc123"
            outputs["deploymentId"] = f"{PLACE.group_id}/{outputs['deploymentName']}"
        return id_, outputs


@pytest.fixture(scope="module", autouse=True)
def azure_mocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "_Mocks", AzureMocks)
        yield


def variant(name: str = "v1", weight: int = 100, **changes: Any) -> VariantArgs:
    base: dict[str, Any] = {
        "min_instances": 2,
        "max_instances": 5,
        "model_uri": "azureml://m",
        "model_hash": "cd" * 32,
        "image_uri": "mcr.microsoft.com/azureml/minimal:latest",
        "pip_packages": ("scikit-learn==1.2.2",),
    }
    return VariantArgs(name=name, weight=weight, **(base | changes))


def platform() -> Workspace:
    group = Group("group", GroupArgs(place=PLACE, tags=TAGS))
    keys = Keys(
        "ml-test-keys", KeysArgs(place=PLACE, identity_name="keys", tags=TAGS), after=[group]
    )
    storage = Storage(
        "storage", StorageArgs(place=PLACE, account_name="mltest", keys=keys, tags=TAGS)
    )
    return Workspace(
        "workspace",
        WorkspaceArgs(
            place=PLACE,
            workspace_name="ml-test",
            registry_name="mltest",
            keys=keys,
            storage=storage,
            tags=TAGS,
        ),
    )


def args(*variants: VariantArgs, **changes: Any) -> Callable[[], Endpoint]:
    base: dict[str, Any] = {
        "endpoint_name": "ml-test-fraud",
        "asset_name": "ml-test-fraud",
        "identity_id": PLACE.id("Microsoft.ManagedIdentity/userAssignedIdentities", "fraud"),
        "instance_type": "Standard_DS3_v2",
        "variants": variants or (variant(),),
        "scaling": SCALING,
        "scoring": SCORING,
        "tags": TAGS,
    }
    return lambda: Endpoint("fraud", EndpointArgs(workspace=platform(), **(base | changes)))


@pytest.fixture(scope="module")
def built() -> Inventory:
    return run(args(variant("v1", 90), variant("v2", 10)))


def test_each_variant_has_its_own_model_deployment_and_autoscale(built: Inventory) -> None:
    children = built.children("fraud")
    model, environment, code = "cdcdcdcdcdcd", "fraud-env-", "fraud-code-abababababab"
    assert {name for name in children if not name.startswith(environment)} == {
        "fraud",
        "fraud-traffic",
        code,
        *(f"fraud-{v}{s}" for v in ("v1", "v2") for s in ("", "-autoscale", f"-model-{model}")),
    }
    assert len([name for name in children if name.startswith(environment)]) == 1


def test_azure_would_accept_every_resource(built: Inventory) -> None:
    judged = [r for r in built.resources if covers(r.type) or r.type.startswith("mlgap:azure")]
    assert len(judged) > 20
    problems = {
        # What the mocks make up ends with -id and -auto.
        r.name: [
            str(p) for p in check(r.type, r.inputs) if not str(p.got).endswith(("-id", "-auto"))
        ]
        for r in judged
    }
    assert {name: found for name, found in problems.items() if found} == {}


def test_autoscale_is_really_on_and_has_a_rule_each_way(built: Inventory) -> None:
    setting = built.one("azure-native:monitor:AutoscaleSetting", "fraud-v1-autoscale").inputs
    assert setting["enabled"] is True
    (profile,) = setting["profiles"]
    assert profile["capacity"] == {"minimum": "2", "maximum": "5", "default": "2"}
    rules = [
        (
            rule["metricTrigger"]["operator"],
            rule["metricTrigger"]["threshold"],
            rule["scaleAction"]["direction"],
            rule["scaleAction"]["cooldown"],
        )
        for rule in profile["rules"]
    ]
    assert rules == [
        ("GreaterThan", 70.0, "Increase", "PT1M"),
        ("LessThan", 35.0, "Decrease", "PT5M"),
    ]


def test_traffic_comes_after_the_deployments(built: Inventory) -> None:
    traffic = built.one("mlgap:azure:EndpointTraffic")
    after = {urn.rsplit("::", 1)[-1] for urn in traffic.request.dependencies}
    assert {"fraud-v1", "fraud-v2"} <= after
    assert "traffic" not in built.one("mlgap:azure:OnlineEndpoint").inputs["properties"]


def test_the_vault_is_protected_and_named_automatically(built: Inventory) -> None:
    vault = built.one("azure-native:keyvault:Vault").inputs
    assert "vaultName" not in vault
    properties = vault["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert properties["enablePurgeProtection"] is True
    key = built.one("azure-native:keyvault:Key")
    assert list(key.request.ignoreChanges) == ["tags"]


def test_storage_is_private_and_encrypted_with_the_platforms_key(built: Inventory) -> None:
    account = built.one("azure-native:storage:StorageAccount").inputs
    assert account["allowBlobPublicAccess"] is False
    assert account["minimumTlsVersion"] == "TLS1_2"
    assert account["enableHttpsTrafficOnly"] is True
    assert account["encryption"]["keySource"] == "Microsoft.Keyvault"
    assert "keyVersion" not in account["encryption"]["keyVaultProperties"]


def test_every_type_that_takes_tags_has_them(built: Inventory) -> None:
    untagged = (
        "azure-native:authorization:RoleAssignment",
        "azure-native:storage:BlobContainer",
        "azure-native:storage:ManagementPolicy",
        "azure-native:monitor:DiagnosticSetting",
        "mlgap:azure:EndpointTraffic",
        "mlgap:azure:WorkspacePurge",
    )
    assets = ("ModelVersion", "EnvironmentVersion", "CodeVersion", "DataVersion", "Datastore")
    for resource in built.resources:
        judged = resource.type.startswith(("azure-native:", "mlgap:"))
        if judged and resource.type not in untagged and not resource.type.endswith(assets):
            assert resource.inputs.get("tags") == TAGS, resource.name


def test_a_role_is_narrow_and_named_by_what_it_says() -> None:
    registry = PLACE.id("Microsoft.ContainerRegistry/registries", "mltest")
    grants = [
        GrantArgs(suffix="images", scope=registry, scope_name=registry, role=PULL_IMAGES),
        GrantArgs(suffix="artifacts", scope=f"{registry}x", scope_name="x", role=READ_BLOBS),
    ]
    inventory = run(
        lambda: Access("fraud", AccessArgs(place=PLACE, identity_name="fraud", grants=grants))
    )
    role = inventory.one("azure-native:authorization:RoleAssignment", "fraud-images").inputs
    identity = PLACE.id("Microsoft.ManagedIdentity/userAssignedIdentities", "fraud")
    assert role["scope"] == registry
    assert role["principalType"] == "ServicePrincipal"
    assert role["roleAssignmentName"] == assignment_name(registry, identity, PULL_IMAGES)
    assert uuid.UUID(role["roleAssignmentName"])
    assert assignment_name(registry, identity, READ_BLOBS) != role["roleAssignmentName"]
    with pytest.raises(ValueError, match="each suffix once"):
        AccessArgs(place=PLACE, identity_name="x", grants=[grants[0], grants[0]])


def test_another_content_is_another_child_so_that_the_old_one_goes_last() -> None:
    first = run(args(variant())).children("fraud")
    second = run(args(variant(model_hash="ef" * 32))).children("fraud")
    assert "fraud-v1-model-cdcdcdcdcdcd" in first
    assert "fraud-v1-model-efefefefefef" in second
    assert "fraud-v1" in first and "fraud-v1" in second


def test_an_image_of_ones_own_needs_no_code_and_no_packages() -> None:
    inventory = run(args(variant(pip_packages=()), scoring=None))
    assert not [r for r in inventory.resources if r.type.endswith("CodeVersion")]
    (environment,) = [r for r in inventory.resources if r.type.endswith("EnvironmentVersion")]
    assert "condaFile" not in environment.inputs["properties"]
    deployment = inventory.one("mlgap:azure:OnlineDeployment").inputs
    assert "codeConfiguration" not in deployment["properties"]


NIGHT = ScheduledBoundsArgs(
    name="night", weekdays=range(7), hour=20, minute=0, min_instances=1, max_instances=1
)
PROBE = ProbeArgs(
    initial_delay_s=30, period_s=10, timeout_s=2, success_threshold=1, failure_threshold=30
)


@pytest.fixture(scope="module")
def full() -> Inventory:
    return run(
        args(
            variant("v1", 100),
            variant("v2", 0, shadow_percent=10),
            scaling=replace(SCALING, schedules=[NIGHT]),
            request=RequestArgs(timeout_s=30, max_concurrent_per_instance=4),
            liveness=PROBE,
            readiness=PROBE,
            public=False,
            egress_public=False,
            capture=CaptureArgs(sampling_percent=25, workload="fraud"),
        )
    )


def test_a_schedule_is_a_profile_with_its_own_bounds_and_the_same_rules(full: Inventory) -> None:
    setting = full.one("azure-native:monitor:AutoscaleSetting", "fraud-v1-autoscale").inputs
    default, night = setting["profiles"]
    assert night["capacity"] == {"minimum": "1", "maximum": "1", "default": "1"}
    assert night["recurrence"]["schedule"] == {
        "timeZone": "UTC",
        "days": list(DAYS),
        "hours": [20.0],
        "minutes": [0.0],
    }
    assert night["rules"] == default["rules"]
    deployment = full.one("mlgap:azure:OnlineDeployment", "fraud-v1").inputs
    assert (deployment["minInstances"], deployment["maxInstances"]) == (1.0, 5.0), "at any time"


def test_a_shadow_gets_copies_and_no_live_traffic(full: Inventory) -> None:
    traffic = full.one("mlgap:azure:EndpointTraffic").inputs
    assert traffic["traffic"] == {"v1-abc123": 100.0}
    assert traffic["mirrorTraffic"] == {"v2-abc123": 10.0}


def test_probes_requests_and_isolation_reach_azure_in_its_own_words(full: Inventory) -> None:
    given = full.one("mlgap:azure:OnlineDeployment", "fraud-v1").inputs["properties"]
    assert given["livenessProbe"] == given["readinessProbe"]
    assert given["livenessProbe"]["initialDelay"] == "PT30S"
    assert given["requestSettings"] == {
        "requestTimeout": "PT30S",
        "maxConcurrentRequestsPerInstance": 4.0,
    }
    assert given["egressPublicNetworkAccess"] == "Disabled"
    endpoint = full.one("mlgap:azure:OnlineEndpoint").inputs["properties"]
    assert endpoint["publicNetworkAccess"] == "Disabled"


def test_what_is_captured_goes_to_a_container_apart_from_the_models(full: Inventory) -> None:
    given = full.one("mlgap:azure:OnlineDeployment", "fraud-v1").inputs["properties"]
    assert given["environmentVariables"] == {"MLP_CAPTURE": "true"}
    for name in ("model_inputs", "model_outputs"):
        collection = given["dataCollector"]["collections"][name]
        assert collection["samplingRate"] == 0.25
        asset = full.one(f"{ML}:DataVersion", f"fraud-v1-{name.replace('_', '-')}").inputs
        assert asset["properties"]["dataUri"].endswith(
            f"/datastores/captured/paths/fraud/v1/{name}"
        )
    (environment,) = [r for r in full.resources if r.type.endswith("EnvironmentVersion")]
    assert "azureml-ai-monitoring" in environment.inputs["properties"]["condaFile"]


def test_with_a_rollout_each_content_is_a_deployment_of_its_own() -> None:
    rollout = RolloutArgs(strategy="linear", step_percent=25, wait_s=300, max_latency_ms=500)

    def name(**changes: Any) -> str:
        found = run(args(variant("v1", **changes), rollout=rollout))
        given = found.one("mlgap:azure:EndpointTraffic").inputs["rollout"]
        assert given == {
            "strategy": "linear",
            "stepPercent": 25.0,
            "waitS": 300.0,
            "maxLatencyMs": 500.0,
        }
        return str(found.one("mlgap:azure:OnlineDeployment").inputs["deploymentName"])

    first = name()
    assert first.startswith("v1-")
    assert name(max_instances=9) == first
    assert name(model_hash="ef" * 32) != first
    assert name(pip_packages=("scikit-learn==1.3.0",)) != first
    with pytest.raises(ValueError, match="1 to 50"):
        replace(rollout, step_percent=51)


def test_azure_would_accept_an_endpoint_with_everything(full: Inventory) -> None:
    for one in full.resources:
        if one.type.startswith(("mlgap:azure", "azure-native:monitor")):
            found = [str(p) for p in check(one.type, one.inputs)]
            assert [p for p in found if "-id'" not in p and "-auto'" not in p] == [], one.name


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: variant(min_instances=6), "1 <= min_instances"),
        (lambda: args(variant(weight=90))(), "sum to 90"),
        (lambda: args(variant("a", 50), variant("a", 50))(), "each name once"),
        (
            lambda: ScalingArgs(
                metric="cpu_percent",
                target_percent=70,
                scale_in_cooldown_s=90,
                scale_out_cooldown_s=60,
            ),
            "whole minutes",
        ),
        (lambda: variant(shadow_percent=60, weight=0), "0 to 50"),
        (lambda: variant(shadow_percent=10, weight=10), "with weight 0"),
        (lambda: RequestArgs(timeout_s=181), "1 to 180"),
        (lambda: CaptureArgs(sampling_percent=0, workload="x"), "above 0"),
        (lambda: replace(NIGHT, min_instances=2), "schedule night"),
        (lambda: replace(SCALING, schedules=[NIGHT] * 20), "fewer than 20"),
        (lambda: KeysArgs(place=PLACE, identity_name="k", retention_days=5), "7 to 90"),
    ],
)
def test_arguments_that_cannot_be_are_refused(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        run(wrong) if words.startswith(("sum", "each")) else wrong()


def test_ids_are_known_without_azure() -> None:
    assert PLACE.id("Microsoft.KeyVault/vaults/keys", "v", "k") == (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/ml-test"
        "/providers/Microsoft.KeyVault/vaults/v/keys/k"
    )
    assert len(PLACE.unique) == 6
