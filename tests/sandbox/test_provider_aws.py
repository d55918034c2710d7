"""The stand-in for pulumi-aws against an in-process AWS, read back with boto3."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from mlplatform.provider.model import Context, Failure, NotFound, Partial, Provider, ProviderError
from mlplatform.provider.values import UNKNOWN
from mlplatform.sandbox.providers import aws_cloud
from mlplatform.sandbox.providers.aws import Aws
from mlplatform.sandbox.providers.aws_cloud import CallFailed, Cloud
from mlplatform.sandbox.providers.by_contract import ByContract

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
LOGS = "aws:cloudwatch/logGroup:LogGroup"

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1"
FILE_ASSET = "c44067f5952c0a294b673a41bacd8c17"
SIGNATURE = "4dabf18193072939515e22adb298388d"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(address: str, monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    made = Aws("7.51.1")
    made.configure({"region": "us-east-1", "allowedAccountIds": '["123456789012"]'})
    return made


class Resource:
    """One resource as the engine would handle it: inputs and state are kept between calls."""

    def __init__(self, aws: Provider, token: str, label: str, **inputs: Any) -> None:
        self.aws, self.token, self.label = aws, token, label
        self.said: list[str] = []
        self.inputs, self.failures = aws.check(self.context(), inputs, None)
        self.id, self.state = "", dict[str, Any]()

    def context(self, *, preview: bool = False) -> Context:
        return Context(
            urn=f"urn:pulumi:dev::walk::{self.token}::{self.label}",
            token=self.token,
            name=self.label,
            preview=preview,
            timeout_s=5,
            seed=self.label.encode(),
            log=lambda _, message: self.said.append(message),
        )

    def create(self) -> Resource:
        assert self.failures == []
        self.id, self.state = self.aws.create(self.context(), self.inputs)
        return self

    def refresh(self) -> list[str]:
        """Paths that the next preview would show as changed after a refresh."""
        _, inputs, self.state = self.aws.read(self.context(), self.id, self.inputs, self.state)
        found = self.aws.diff(self.context(), self.id, inputs, self.state, self.inputs)
        return [change.path for change in found.changes]

    def change(self, **new: Any) -> list[tuple[str, bool]]:
        """(path, replace) of a change to these properties; carried out when in place."""
        wanted = {k: v for k, v in {**self.inputs, **new}.items() if v is not None}
        wanted, self.failures = self.aws.check(self.context(), wanted, self.inputs)
        found = self.aws.diff(self.context(), self.id, self.inputs, self.state, wanted)
        if not any(change.replace for change in found.changes):
            self.state = self.aws.update(self.context(), self.id, self.inputs, self.state, wanted)
            self.inputs = wanted
        return [(change.path, change.replace) for change in found.changes]

    def delete(self) -> None:
        self.aws.delete(self.context(), self.id, self.inputs, self.state)


Make = Callable[..., Resource]


@pytest.fixture
def make(aws: Aws) -> Iterator[Make]:
    """Creates resources, and deletes them in reverse at the end."""
    made: list[Resource] = []

    def create(token: str, label: str, **inputs: Any) -> Resource:
        made.append(Resource(aws, token, label, **inputs).create())
        return made[-1]

    yield create
    for resource in reversed(made):
        resource.delete()
        if resource.token == VERSIONING:
            continue  # versioning cannot be taken away, only suspended
        with pytest.raises(NotFound):
            resource.aws.read(resource.context(), resource.id, resource.inputs, resource.state)


def client(address: str, service: str) -> Any:
    return boto3.client(service, endpoint_url=address, region_name="us-east-1")


def scaled(endpoint: str) -> dict[str, str]:
    return {
        "serviceNamespace": "sagemaker",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "resourceId": f"endpoint/{endpoint}/variant/v1",
    }


def test_a_whole_endpoint_comes_up_reads_back_and_shows_no_change(
    make: Make, address: str, tmp_path: Path
) -> None:
    artifact = tmp_path / "model.tar.gz"
    artifact.write_bytes(b"weights")
    tags = {"team": "ml"}
    role = make(ROLE, "serve", assumeRolePolicy=TRUST, tags=tags)
    bucket = make(BUCKET, "models", forceDestroy=True, tags=tags)
    name = bucket.state["bucket"]
    stored = make(
        OBJECT,
        "artifact",
        bucket=name,
        key="resnet50/model.tar.gz",
        source={SIGNATURE: FILE_ASSET, "path": str(artifact), "hash": "0"},
    )
    model = make(
        MODEL,
        "resnet50",
        executionRoleArn=role.state["arn"],
        primaryContainer={"image": IMAGE, "modelDataUrl": f"s3://{name}/{stored.state['key']}"},
        tags=tags,
    )
    variant = {
        "modelName": model.state["name"],
        "instanceType": "ml.g4dn.xlarge",
        "initialInstanceCount": 2,
    }
    configuration = make(
        CONFIGURATION,
        "resnet50",
        productionVariants=[
            {**variant, "variantName": "v1", "initialVariantWeight": 90},
            {**variant, "variantName": "v2", "initialVariantWeight": 10},
        ],
    )
    endpoint = make(ENDPOINT, "serve", endpointConfigName=configuration.state["name"], tags=tags)
    target = make(TARGET, "t", **scaled(endpoint.id), minCapacity=2, maxCapacity=10)
    policy = make(
        POLICY,
        "invocations",
        **scaled(endpoint.id),
        policyType="TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration={
            "targetValue": 70,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
        },
    )
    everything = [role, bucket, stored, model, configuration, endpoint, target, policy]
    assert [resource.refresh() for resource in everything] == [[]] * len(everything)

    sagemaker = client(address, "sagemaker")
    seen = sagemaker.describe_endpoint_config(EndpointConfigName=configuration.id)
    assert [v["InitialVariantWeight"] for v in seen["ProductionVariants"]] == [90, 10]
    assert sagemaker.describe_endpoint(EndpointName=endpoint.id)["EndpointStatus"] == "InService"
    body = client(address, "s3").get_object(Bucket=name, Key="resnet50/model.tar.gz")["Body"]
    assert body.read() == b"weights"
    scaling = client(address, "application-autoscaling")
    (bounds,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (bounds["MinCapacity"], bounds["MaxCapacity"]) == (2, 10)

    assert target.change(maxCapacity=20) == [("maxCapacity", False)]
    (bounds,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert bounds["MaxCapacity"] == 20
    artifact.write_bytes(b"better weights")
    newer = {SIGNATURE: FILE_ASSET, "path": str(artifact), "hash": "1"}
    assert stored.change(source=newer) == [("source.hash", False)]
    body = client(address, "s3").get_object(Bucket=name, Key="resnet50/model.tar.gz")["Body"]
    assert body.read() == b"better weights"


def test_settings_that_aws_keeps_apart_are_set_changed_and_seen_when_they_drift(
    make: Make, address: str
) -> None:
    key = make(KEY, "models", description="models", enableKeyRotation=True, deletionWindowInDays=7)
    kms = client(address, "kms")
    assert kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"]
    assert key.refresh() == []
    kms.disable_key_rotation(KeyId=key.id)
    assert key.refresh() == ["enableKeyRotation"]
    assert key.change(enableKeyRotation=False, description="other") == [
        ("description", False),
        ("enableKeyRotation", False),
    ]
    assert kms.describe_key(KeyId=key.id)["KeyMetadata"]["Description"] == "other"
    assert not kms.get_key_rotation_status(KeyId=key.id)["KeyRotationEnabled"]

    bucket = make(BUCKET, "drift", forceDestroy=True)
    versioning = make(
        VERSIONING,
        "drift",
        bucket=bucket.id,
        versioningConfiguration={"status": "Enabled"},
    )
    client(address, "s3").put_bucket_versioning(
        Bucket=bucket.id, VersioningConfiguration={"Status": "Suspended"}
    )
    assert versioning.refresh() == ["versioningConfiguration.status"]


def test_tags_are_added_changed_removed_and_their_drift_is_seen(make: Make, address: str) -> None:
    role = make(ROLE, "tagged", assumeRolePolicy=TRUST, tags={"team": "ml", "old": "x"})
    iam = client(address, "iam")
    assert role.change(tags={"team": "data", "new": "y"})
    found = {t["Key"]: t["Value"] for t in iam.list_role_tags(RoleName=role.id)["Tags"]}
    assert found == {"team": "data", "new": "y"}
    assert role.state["tagsAll"] == found
    iam.untag_role(RoleName=role.id, TagKeys=["new"])
    assert role.refresh() == ["tags.new"]
    iam.tag_role(RoleName=role.id, Tags=[{"Key": "by", "Value": "hand"}])
    assert role.refresh() == ["tags.by", "tags.new"]


def test_a_document_that_someone_changed_is_drift_and_its_layout_is_not(
    make: Make, address: str
) -> None:
    role = make(ROLE, "documents", assumeRolePolicy=json.dumps(json.loads(TRUST), indent=3))
    assert role.refresh() == []
    other = json.loads(TRUST)
    other["Statement"][0]["Principal"] = {"Service": "ec2.amazonaws.com"}
    client(address, "iam").update_assume_role_policy(
        RoleName=role.id, PolicyDocument=json.dumps(other)
    )
    assert role.refresh() == ["assumeRolePolicy"]


def test_rules_of_a_security_group_are_exactly_the_declared_ones(make: Make, address: str) -> None:
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/16"]}
    vpc = make("aws:ec2/vpc:Vpc", "net", cidrBlock="10.0.0.0/16", enableDnsHostnames=True)
    group = make(GROUP, "endpoints", vpcId=vpc.id, ingress=[rule])
    assert (vpc.refresh(), group.refresh()) == ([], [])
    group.change(ingress=[{**rule, "cidrBlocks": ["10.0.1.0/24", "10.0.2.0/24"]}])
    ec2 = client(address, "ec2")
    (seen,) = ec2.describe_security_groups(GroupIds=[group.id])["SecurityGroups"]
    ranges = {r["CidrIp"] for p in seen["IpPermissions"] for r in p["IpRanges"]}
    assert ranges == {"10.0.1.0/24", "10.0.2.0/24"}
    ec2.revoke_security_group_ingress(
        GroupId=group.id,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "10.0.1.0/24"}],
            }
        ],
    )
    assert group.refresh() == ["ingress[0].cidrBlocks[0]", "ingress[0].cidrBlocks[1]"]


def test_a_removed_setting_is_undone(make: Make, address: str) -> None:
    logs = make(LOGS, "logs", retentionInDays=30)
    logs.change(retentionInDays=None)
    (seen,) = client(address, "logs").describe_log_groups(logGroupNamePrefix=logs.id)["logGroups"]
    assert "retentionInDays" not in seen


def test_an_automatic_name_is_known_at_check_and_stays(aws: Aws) -> None:
    made = Resource(aws, CONFIGURATION, "resnet50", productionVariants=[{"instanceType": UNKNOWN}])
    name = made.inputs["name"]
    assert name.startswith("resnet50-")
    assert len(name) == len("resnet50-") + 7
    again, _ = aws.check(made.context(), {"productionVariants": []}, made.inputs)
    assert again["name"] == name
    own, _ = aws.check(made.context(), {"name": "mine"}, made.inputs)
    assert (own["name"], "__defaults" in own) == ("mine", False)


def test_a_replacement_deletes_first_only_when_the_program_gave_the_name(aws: Aws) -> None:
    variants = [{"variantName": "v", "modelName": "m", "instanceType": "ml.m5.large"}]
    other = [{**variants[0], "instanceType": "ml.m5.xlarge"}]
    for given, first in (({}, False), ({"name": "fixed"}, True)):
        made = Resource(aws, CONFIGURATION, "c", productionVariants=variants, **given)
        new, _ = aws.check(made.context(), {"productionVariants": other, **given}, made.inputs)
        found = aws.diff(made.context(), "c", made.inputs, {}, new)
        assert [c.replace for c in found.changes] == [True]
        assert found.delete_before_replace is first


def test_check_reports_all_problems_at_their_paths(aws: Aws) -> None:
    made = Resource(
        aws,
        CONFIGURATION,
        "c",
        name="bad_name",
        productionVariants=[{"variantName": "v", "modelName": "m", "instanceType": "p3.2xlarge"}],
    )
    assert {f.path for f in made.failures} == {
        "name",
        "productionVariants[0].initialInstanceCount",
        "productionVariants[0].instanceType",
    }


def test_a_preview_leaves_what_the_cloud_decides_unknown_and_calls_nothing(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "call", lambda *_: pytest.fail("a preview called the cloud"))
    made = Resource(aws, ROLE, "serve", assumeRolePolicy=TRUST, tags={"a": "b"})
    id_, state = aws.create(made.context(preview=True), made.inputs)
    assert id_ == ""
    assert (state["arn"], state["name"]) == (UNKNOWN, made.inputs["name"])
    assert state["tagsAll"] == {"a": "b"}


def test_an_import_reads_the_object_that_the_id_names(make: Make, aws: Aws) -> None:
    role = make(ROLE, "imported", assumeRolePolicy=TRUST, description="by hand")
    _, inputs, state = aws.read(role.context(), role.id, {}, {})
    assert (inputs["name"], inputs["description"]) == (role.id, "by hand")
    assert state["arn"] == role.state["arn"]
    policy = make(
        ROLE_POLICY,
        "p",
        role=role.id,
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            }
        ),
    )
    id_, inputs, _ = aws.read(policy.context(), policy.id, {}, {})
    assert (id_, inputs["role"], inputs["name"]) == (policy.id, role.id, policy.inputs["name"])
    with pytest.raises(NotFound):
        aws.read(role.context(), "nobody", {}, {})


def test_a_failure_after_the_create_keeps_what_exists_and_the_next_update_finishes_it(
    aws: Aws, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Cloud.call

    def refuse(self: Cloud, ctx: Context, service: str, operation: str, *rest: Any) -> Any:
        if operation == "EnableKeyRotation":
            raise CallFailed(operation, "AccessDenied", "not you", 403)
        return real(self, ctx, service, operation, *rest)

    key = Resource(aws, KEY, "half", enableKeyRotation=True)
    monkeypatch.setattr(Cloud, "call", refuse)
    with pytest.raises(Partial) as caught:
        key.create()
    assert caught.value.id
    assert caught.value.reasons == ["EnableKeyRotation: not you (AccessDenied)"]
    monkeypatch.setattr(Cloud, "call", real)
    state = aws.update(key.context(), caught.value.id, key.inputs, caught.value.state, key.inputs)
    assert "__unfinished" not in state
    kms = client(address, "kms")
    assert kms.get_key_rotation_status(KeyId=caught.value.id)["KeyRotationEnabled"]


def test_an_object_that_ends_in_a_failed_state_fails_with_the_reason_of_aws(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = iter(["Creating", "Creating", "Failed"])

    def answer(_: Cloud, __: Context, ___: str, operation: str, *rest: Any) -> dict[str, Any]:
        del rest
        if operation == "DescribeEndpoint":
            return {"EndpointStatus": next(states), "FailureReason": "image not found"}
        return {"EndpointArn": "arn"}

    monkeypatch.setattr(Cloud, "call", answer)
    endpoint = Resource(aws, ENDPOINT, "e", endpointConfigName="c")
    with pytest.raises(Partial, match="is Failed: image not found"):
        endpoint.create()


def test_a_new_identity_is_waited_for_and_another_refusal_is_not(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = [
        CallFailed("CreateModel", "ValidationException", "Could not assume role x", 400),
        CallFailed("CreateModel", "ThrottlingException", "Rate exceeded", 400),
        {"ModelArn": "arn"},
        CallFailed("CreateModel", "ValidationException", "no such image", 400),
    ]

    def once(_: Any, __: str, ___: dict[str, Any]) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, CallFailed):
            raise answer
        return dict(answer)

    monkeypatch.setattr(Cloud, "_once", staticmethod(once))
    monkeypatch.setattr(aws_cloud, "_FIRST_WAIT_S", 0.001)
    context = Resource(aws, MODEL, "m").context()
    assert aws.cloud.call(context, "sagemaker", "CreateModel", {}) == {"ModelArn": "arn"}
    with pytest.raises(CallFailed, match="no such image"):
        aws.cloud.call(context, "sagemaker", "CreateModel", {})
    assert answers == []


def test_deleting_what_is_gone_is_no_error(make: Make, address: str) -> None:
    role = make(ROLE, "gone", assumeRolePolicy=TRUST)
    client(address, "iam").delete_role(RoleName=role.id)
    role.delete()


def test_credentials_of_another_account_are_refused_by_name(aws: Aws) -> None:
    with pytest.raises(ProviderError) as caught:
        aws.configure({"region": "us-east-1", "allowedAccountIds": '["999999999999"]'})
    assert str(caught.value) == (
        "credentials belong to account 123456789012, the stack allows 999999999999"
    )


def test_default_tags_reach_aws_but_not_the_declared_tags(aws: Aws, address: str) -> None:
    aws.configure({"region": "us-east-1", "defaultTags": '{"tags": {"project": "ml"}}'})
    role = Resource(aws, ROLE, "defaults", assumeRolePolicy=TRUST, tags={"a": "b"}).create()
    found = client(address, "iam").list_role_tags(RoleName=role.id)["Tags"]
    assert {t["Key"]: t["Value"] for t in found} == {"project": "ml", "a": "b"}
    assert role.state["tags"] == {"a": "b"}
    assert role.refresh() == []
    aws.configure({"region": "us-east-1", "defaultTags": '{"tags": {"project": "new"}}'})
    assert role.change() == [("tagsAll", False)]
    assert role.state["tagsAll"] == {"project": "new", "a": "b"}
    role.delete()


def test_a_type_without_contract_is_kept_inert_with_one_warning(aws: Aws) -> None:
    served = ByContract(aws)
    first = Resource(served, "aws:glue/job:Job", "etl", roleArn="x").create()
    second = Resource(served, "aws:glue/job:Job", "etl2", roleArn="y").create()
    assert len(first.said) == 1
    assert second.said == []
    assert first.state["roleArn"] == "x"
    assert first.refresh() == []
    first.delete()


def test_a_type_with_a_contract_is_created_on_the_local_cloud(aws: Aws) -> None:
    role = Resource(ByContract(aws), ROLE, "serve", assumeRolePolicy=TRUST).create()
    assert role.state["arn"] == f"arn:aws:iam::123456789012:role/{role.inputs['name']}"
    assert role.said == []
    role.delete()


def test_an_inline_setting_of_a_bucket_is_accepted_with_a_warning(aws: Aws) -> None:
    made = Resource(aws, BUCKET, "inline", versioning={"enabled": True})
    assert made.failures == []
    (warning,) = made.said
    assert warning.startswith("versioning is deprecated")


def test_data_sources_tell_the_caller_and_the_place(aws: Aws) -> None:
    caller = aws.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert caller["accountId"] == "123456789012"
    assert aws.invoke("aws:index/getRegion:getRegion", {})["region"] == "us-east-1"
    assert aws.invoke("aws:index/getPartition:getPartition", {})["partition"] == "aws"
    with pytest.raises(ProviderError, match="does not know this function"):
        aws.invoke("aws:ec2/getAmi:getAmi", {})


def test_a_region_that_is_no_region_is_refused(aws: Aws) -> None:
    assert aws.check_config({"region": "us-east-1"}) == []
    (failure,) = aws.check_config({"region": "virginia"})
    assert isinstance(failure, Failure)
    assert failure.path == "region"


def test_what_a_killed_run_was_creating_is_taken_over_and_a_strangers_is_not(
    aws: Aws, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLP_SANDBOX_DIR", str(tmp_path))
    given = {"name": "killed-run", "assumeRolePolicy": TRUST}
    Resource(aws, ROLE, "killed", **given).create()  # its answer never reached the engine
    again = Resource(aws, ROLE, "killed", **given, description="newer", tags={"a": "b"}).create()
    iam = client(address, "iam")
    assert iam.get_role(RoleName="killed-run")["Role"]["Description"] == "newer"
    assert again.state["tagsAll"] == {"a": "b"}
    with pytest.raises(CallFailed, match="already exists"):
        Resource(aws, ROLE, "another", **given).create()
    again.delete()
