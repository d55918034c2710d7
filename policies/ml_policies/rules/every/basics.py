"""What holds for every resource on every cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ml_policies.finding import Finding
from ml_policies.resource import Resource, absent
from ml_policies.rule import Check, Example, Rule, Setting, Settings, Severity
from mlplatform import contracts
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

REQUIRED = ["project", "environment", "owner", "cost_center"]
"""The keys as in ``mlplatform:labels``; AWS and Azure spell them ``CostCenter``."""
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
STATEFUL = (
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:kms/key:Key",
    "aws:sagemaker/featureGroup:FeatureGroup",
    "mlgap:aws:FeatureGroup",
    "aws:sagemaker/domain:Domain",
    "gcp:storage/bucket:Bucket",
    "gcp:kms/keyRing:KeyRing",
    "gcp:kms/cryptoKey:CryptoKey",
    "gcp:bigquery/dataset:Dataset",
    "gcp:bigquery/table:Table",
    "gcp:vertex/aiFeatureStore:AiFeatureStore",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup",
    "azure-native:storage:StorageAccount",
    "azure-native:keyvault:Vault",
    "azure-native:keyvault:Key",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:machinelearningservices:FeaturestoreEntityVersion",
    "azure-native:machinelearningservices:FeaturesetVersion",
    # Not its sets: another version takes over from one, which is kept. The entity stays.
    "mlgap:azure:FeaturestoreEntityVersion",
)
_REGIONS = ("region", "location")


def _accepted(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    if not contracts.covers(resource.type):
        return
    for problem in contracts.check(resource.type, resource.props):
        yield Finding(
            problem=f"{problem.message} ({problem.source})",
            path=problem.path,
            got=problem.got,
        )


def _spelled(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", key.lower())


def _tagged(resource: Resource, settings: Settings) -> Iterator[Finding]:
    name = contracts.taggable(resource.type)
    if name is None:
        return
    tags = resource.props.get(name)
    if is_unknown(tags):
        yield Finding(problem="", path=name, undecided=True)
        return
    pairs = tags if isinstance(tags, Mapping) else {}
    present = {_spelled(key): value for key, value in pairs.items()}
    missing = [key for key in settings["keys"] if not present.get(_spelled(key))]
    if missing:
        yield Finding(
            problem=f"{name}: missing {', '.join(missing)}; there are {sorted(pairs) or 'none'}"
        )


def _somewhere(resource: Resource, settings: Settings) -> Iterator[Finding]:
    allowed = {one.lower().replace(" ", "") for one in settings["regions"]}
    if not allowed:
        return
    for path in _REGIONS:
        place = resource.get(path)
        if absent(place):
            continue
        if is_unknown(place):
            yield Finding(problem="", path=path, undecided=True)
        elif str(place).lower().replace(" ", "") not in allowed | {"global"}:
            yield Finding(
                problem=f"allowed: {', '.join(sorted(settings['regions']))}", path=path, got=place
            )


def _protected(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    if resource.protect or resource.retain_on_delete:
        return
    yield Finding(problem="holds data or keys, and one destroy would take it: it is not protected")


_GOOD_CONFIG = {
    "productionVariants": [
        {
            "modelName": "m",
            "variantName": "v1",
            "instanceType": "ml.m5.large",
            "initialInstanceCount": 1,
        }
    ]
}
_TAGS = {"Project": "p", "Environment": "dev", "Owner": "o", "CostCenter": "c"}

RULES = (
    Rule(
        id="vendor-contract",
        severity=Severity.HIGH,
        check=Check(run=_accepted),
        summary="Every resource is one that the cloud accepts.",
        rationale="What the cloud refuses at apply leaves a stack half built.",
        remediation="Change the named property as the message says.",
        sources=("the vendors' own SDKs: docs/coverage",),
        ignores_unknown=True,
        good=Example(type=CONFIG, props=_GOOD_CONFIG),
        bad=(
            Example(
                type=CONFIG,
                props={
                    "productionVariants": [
                        {**_GOOD_CONFIG["productionVariants"][0], "instanceType": "ml.p99"}
                    ]
                },
            ),
        ),
        # A contract counts what is not known as present; it never has to say that it cannot decide.
        unknown=Example(type=CONFIG, props={"productionVariants": UNKNOWN}),
    ),
    Rule(
        id="x-tags",
        severity=Severity.MEDIUM,
        check=Check(run=_tagged),
        summary="Every taggable resource says its project, environment, owner and cost center.",
        rationale="Without them nobody can tell whose cost or whose outage it is.",
        remediation="Set them in mlplatform:labels; pass tags to resources of your own.",
        sources=("SageMaker.6", "SageMaker.7", "FinOps"),
        settings={
            "keys": Setting(
                default=REQUIRED,
                schema={"type": "array", "items": {"type": "string"}},
                says="Keys that must be there, however the cloud spells them.",
            )
        },
        good=Example(type=CONFIG, props={"tags": _TAGS}),
        bad=(
            Example(type=CONFIG, props={"tags": {"Project": "p"}}),
            Example(type=CONFIG, props={}),
        ),
        unknown=Example(type=CONFIG, props={"tags": UNKNOWN}),
    ),
    Rule(
        id="x-regions",
        severity=Severity.HIGH,
        check=Check(run=_somewhere),
        summary="Resources are where the data may be.",
        rationale="Data that crosses a border may not come back.",
        remediation="Change clouds.<cloud>.region, or allow it in the pack's configuration.",
        sources=("CIS data residency",),
        example_settings={"regions": ["us-central1", "europe-west4"]},
        settings={
            "regions": Setting(
                default=[],
                schema={"type": "array", "items": {"type": "string"}},
                says="Regions and locations that are allowed; every one when empty.",
            )
        },
        good=Example(type="gcp:vertex/aiEndpoint:AiEndpoint", props={"location": "us-central1"}),
        bad=(Example(type="gcp:vertex/aiEndpoint:AiEndpoint", props={"location": "asia-east1"}),),
        unknown=Example(type="gcp:vertex/aiEndpoint:AiEndpoint", props={"location": UNKNOWN}),
    ),
    Rule(
        id="x-protect",
        severity=Severity.MEDIUM,
        types=STATEFUL,
        check=Check(run=_protected),
        summary="What holds data or keys in production is protected.",
        rationale="One wrong destroy would take what cannot be made again.",
        remediation="Set mlplatform:protect: true, or protect=True.",
        sources=("Pulumi documentation, protect",),
        ignores_unknown=True,
        production_only=True,
        good=Example(props={"bucket": "b"}, protect=True),
        bad=(Example(props={"bucket": "b"}),),
        unknown=Example(props={"bucket": UNKNOWN}, protect=True),
    ),
)
