"""The local AWS as a process: what survives its end, accounts, faults, other services."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError

from tests.sandbox.cloud_aws_process import IMAGE, TRUST, LocalAws, Stage, refused, statuses


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws"), delay_s=0.0) as process:
        yield process


def picture(aws: LocalAws, stage: Stage, key: str) -> dict[str, Any]:
    """Everything about the stage that a client can see."""
    iam, s3, kms = aws.client("iam"), aws.client("s3"), aws.client("kms")
    sagemaker, scaling = aws.client("sagemaker"), aws.client("application-autoscaling")
    answers = {
        "role": iam.get_role(RoleName=f"{stage.prefix}-role")["Role"],
        "key": kms.describe_key(KeyId=key)["KeyMetadata"],
        "aliases": [a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/kept"],
        "buckets": s3.list_buckets()["Buckets"],
        "objects": s3.list_object_versions(Bucket="kill-artifacts")["Versions"],
        "model": sagemaker.describe_model(ModelName="kill-a"),
        "config": sagemaker.describe_endpoint_config(EndpointConfigName="kill-1"),
        "endpoint": sagemaker.describe_endpoint(EndpointName="kill"),
        "targets": scaling.describe_scalable_targets(ServiceNamespace="sagemaker"),
        "policies": scaling.describe_scaling_policies(ServiceNamespace="sagemaker"),
        "alarms": len(aws.client("cloudwatch").describe_alarms()["MetricAlarms"]),
    }
    for answer in answers.values():
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata", None)
    return answers


def test_everything_survives_a_kill_with_the_same_ids_times_and_bytes(tmp_path: Path) -> None:
    with LocalAws(tmp_path, delay_s=0.1) as aws:
        stage, s3, kms = Stage(aws, "kill"), aws.client("s3"), aws.client("kms")
        key = kms.create_key(Description="kept")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/kept", TargetKeyId=key)
        secret = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        s3.put_bucket_versioning(
            Bucket="kill-artifacts", VersioningConfiguration={"Status": "Enabled"}
        )
        odd = bytes(range(256)) * 600
        s3.put_object(
            Bucket="kill-artifacts", Key="odd \u00e4.bin", Body=odd, Metadata={"a_b": "c"}
        )
        place = {"Bucket": "kill-artifacts", "Key": "parts"}
        upload = s3.create_multipart_upload(**place)["UploadId"]
        parts = [
            s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x" * 5_300_000)["ETag"]
        ]
        name = stage.endpoint("kill", stage.variant("a"))
        target = stage.register(name, "a")
        stage.scaling.put_scaling_policy(
            **target,
            PolicyName="p",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 70.0,
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
                },
            },
        )
        before, former_url = picture(aws, stage, key), aws.url
        aws.fault("CreateEndpoint", "slow", delay_s=1)
        stage.config("later", stage.variant("a"))
        stage.sagemaker.create_endpoint(EndpointName="later", EndpointConfigName="later")

        aws.kill()
        aws.start()
        assert aws.url == former_url
        assert picture(aws, stage, key) == before
        s3, kms = aws.client("s3"), aws.client("kms")
        got = s3.get_object(Bucket="kill-artifacts", Key="odd \u00e4.bin")
        assert got["Body"].read() == odd
        assert got["Metadata"] == {"a_b": "c"}
        assert kms.decrypt(CiphertextBlob=secret)["Plaintext"] == b"secret"
        part = s3.upload_part(**place, UploadId=upload, PartNumber=2, Body=b"y")["ETag"]
        done = [{"ETag": tag, "PartNumber": n} for n, tag in enumerate([*parts, part], start=1)]
        s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": done})
        assert s3.head_object(**place)["ContentLength"] == 5_300_001
        assert statuses(stage.sagemaker, "later")[-1] == "InService"

        aws.kill()
        journal = tmp_path / "journal"
        with journal.open("ab") as file:
            file.write(b'00000000 {"torn":')
        aws.start()
        assert aws.client("s3").head_object(**place)["ContentLength"] == 5_300_001


def test_accounts_are_told_apart_by_the_access_key(aws: LocalAws) -> None:
    for account in ("111111111111", "222222222222"):
        iam, sts = aws.client("iam", account), aws.client("sts", account)
        assert sts.get_caller_identity()["Account"] == account
        role = iam.create_role(RoleName="same", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        assert role == f"arn:aws:iam::{account}:role/same"
        sagemaker = aws.client("sagemaker", account)
        model = {"ExecutionRoleArn": role, "PrimaryContainer": {"Image": IMAGE}}
        made = sagemaker.create_model(ModelName="same", **model)["ModelArn"]
        assert f":{account}:" in made
    other = {"ExecutionRoleArn": "arn:aws:iam::111111111111:role/same"}
    foreign = aws.client("sagemaker", "222222222222").create_model
    assert refused(foreign, ModelName="x", PrimaryContainer={"Image": IMAGE}, **other)


def test_faults_hit_the_next_calls_of_an_operation_only(aws: LocalAws) -> None:
    sagemaker = aws.client("sagemaker")
    aws.fault("ListModels", "throttle", times=2)
    for _ in range(2):
        assert refused(sagemaker.list_models)[0] == "ThrottlingException"
    sagemaker.list_models()
    aws.fault("ListModels", "error", code="AccessDeniedException", status=403)
    assert refused(sagemaker.list_models)[0] == "AccessDeniedException"
    aws.fault("ListModels", "quota")
    assert refused(sagemaker.list_models)[0] == "ResourceLimitExceeded"
    aws.fault("CreateRole", "throttle")
    create = {"RoleName": "faulty", "AssumeRolePolicyDocument": TRUST}
    assert refused(aws.client("iam").create_role, **create)
    aws.fault("CreateBucket", "error", code="OperationAborted", status=409)
    assert refused(aws.client("s3").create_bucket, Bucket="faulty")[0] == "OperationAborted"
    aws.fault("ListModels", "timeout")
    with pytest.raises(HTTPClientError):
        sagemaker.list_models()
    aws.fault("ListModels", "throttle")
    aws.control("DELETE", "faults")
    sagemaker.list_models()
    with pytest.raises(urllib.error.HTTPError, match="400"):
        aws.fault("ListModels", "earthquake")


def test_a_lost_answer_has_done_its_work(aws: LocalAws) -> None:
    aws.fault("CreateRole", "lost_answer")
    iam = aws.client("iam")
    with pytest.raises(HTTPClientError):
        iam.create_role(RoleName="lost", AssumeRolePolicyDocument=TRUST)
    assert iam.get_role(RoleName="lost")["Role"]["RoleName"] == "lost"


def test_the_log_names_operations_of_every_protocol(aws: LocalAws) -> None:
    aws.control("DELETE", "requests")
    aws.client("s3").create_bucket(Bucket="logged")
    aws.client("s3").put_object(Bucket="logged", Key="k", Body=b"")
    aws.client("iam").list_roles()
    aws.client("kms").list_keys()
    aws.client("cloudwatch").list_metrics()
    refused(aws.client("sagemaker").describe_model, ModelName="none")
    log = aws.control("GET", "requests")
    assert [(entry["operation"], entry["status"]) for entry in log] == [
        ("CreateBucket", 200),
        ("PutObject", 200),
        ("ListRoles", 200),
        ("ListKeys", 200),
        ("ListMetrics", 200),
        ("DescribeModel", 400),
    ]


def test_an_operation_that_is_not_there_is_named_and_not_repeated(aws: LocalAws) -> None:
    last_accessed = {"JobId": "j" * 36, "ServiceNamespace": "s3"}
    workteam = {"WorkteamName": "w", "Description": "d", "MemberDefinitions": [{}]}
    absent: list[tuple[str, str, dict[str, Any]]] = [
        ("sagemaker", "create_workteam", workteam),
        ("cloudwatch", "list_metric_streams", {}),
        ("iam", "get_service_last_accessed_details_with_entities", last_accessed),
    ]
    for service, call, params in absent:
        code, message = refused(getattr(aws.client(service), call), **params)
        assert code
        assert call.replace("_", "") in f"{code} {message}".lower().replace("_", "")


def test_identities_keys_and_buckets_go_only_when_they_are_free(aws: LocalAws) -> None:
    iam, s3, kms = aws.client("iam"), aws.client("s3"), aws.client("kms")
    role = {"RoleName": "bound"}
    iam.create_role(**role, AssumeRolePolicyDocument=TRUST)
    managed = {"PolicyArn": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"}
    iam.attach_role_policy(**role, **managed)
    assert refused(iam.delete_role, **role)[0] == "DeleteConflict"
    iam.detach_role_policy(**role, **managed)
    document = json.loads(TRUST)
    document["Statement"][0] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    iam.put_role_policy(**role, PolicyName="p", PolicyDocument=json.dumps(document))
    assert refused(iam.delete_role, **role)[0] == "DeleteConflict"
    iam.delete_role_policy(**role, PolicyName="p")
    iam.delete_role(**role)
    broken = {**role, "AssumeRolePolicyDocument": '{"Statement": [{"Effect": "Maybe"}]}'}
    assert refused(iam.create_role, **broken)[0] == "MalformedPolicyDocument"

    s3.create_bucket(Bucket="full")
    s3.put_object(Bucket="full", Key="k", Body=b"1")
    assert refused(s3.delete_bucket, Bucket="full")[0] == "BucketNotEmpty"
    s3.delete_object(Bucket="full", Key="k")
    s3.delete_bucket(Bucket="full")

    key = {"KeyId": kms.create_key()["KeyMetadata"]["KeyId"]}
    kms.create_alias(AliasName="alias/short", TargetKeyId=key["KeyId"])
    kms.delete_alias(AliasName="alias/short")
    kms.schedule_key_deletion(**key, PendingWindowInDays=7)
    assert kms.describe_key(**key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    again = refused(kms.schedule_key_deletion, **key, PendingWindowInDays=7)
    assert again[0] == "KMSInvalidStateException"


def test_what_exists_is_listed_without_what_aws_brings_itself_and_reset_empties_it(
    tmp_path: Path,
) -> None:
    with LocalAws(tmp_path, delay_s=0.0) as aws:
        stage = Stage(aws, "list")
        kms = aws.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/own", TargetKeyId=key)
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        kms.list_aliases()
        aws.client("logs").create_log_group(logGroupName="group")
        stage.register(stage.endpoint("list", stage.variant("a")), "a")
        home, everywhere = "123456789012 us-east-1", "123456789012 aws"
        assert [line for line in existing(aws) if " cloudwatch " not in line] == sorted(
            [
                f"{everywhere} s3 bucket list-artifacts (1 objects)",
                f"{everywhere} iam role list-role",
                f"{home} kms key {key} (PendingDeletion)",
                f"{home} kms alias alias/own",
                f"{home} logs log-group group",
                f"{home} sagemaker model list-a",
                f"{home} sagemaker model list-b",
                f"{home} sagemaker endpoint-config list-1",
                f"{home} sagemaker endpoint list (InService)",
                f"{home} application-autoscaling target endpoint/list/variant/a "
                "sagemaker:variant:DesiredInstanceCount",
            ]
        )
        aws.control("POST", "reset")
        assert existing(aws) == []
        assert aws.client("s3").list_buckets()["Buckets"] == []
        aws.kill()
        aws.start()
        assert existing(aws) == []


def existing(aws: LocalAws) -> list[str]:
    lines: list[str] = aws.control("GET", "resources")
    return lines


def test_it_ends_quietly_and_comes_back_on_its_port(aws: LocalAws) -> None:
    former_url = aws.url
    assert aws.stop() == 0
    aws.start()
    assert aws.url == former_url
    assert aws.control("GET", "") == {"ready": True}


def test_a_policy_against_plain_http_does_not_shut_out_everybody(aws: LocalAws) -> None:
    s3, bucket = aws.client("s3"), {"Bucket": "tls-only"}
    s3.create_bucket(**bucket)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(**bucket, Policy=json.dumps(policy))
    s3.put_object(**bucket, Key="k", Body=b"1")
    assert s3.get_object(**bucket, Key="k")["Body"].read() == b"1"
    assert json.loads(s3.get_bucket_policy(**bucket)["Policy"]) == policy


def test_names_and_policies_that_aws_does_not_take_are_refused(aws: LocalAws) -> None:
    iam, s3, kms = aws.client("iam"), aws.client("s3"), aws.client("kms")
    spaced = {"RoleName": "a role", "AssumeRolePolicyDocument": TRUST}
    assert refused(iam.create_role, **spaced)[0] == "ValidationError"
    assert refused(s3.create_bucket, Bucket="Upper_Case")[0] == "InvalidBucketName"
    s3.create_bucket(Bucket="judged")
    code = refused(s3.put_bucket_policy, Bucket="judged", Policy='{"Statement": "all"}')[0]
    assert code == "MalformedPolicy"
    broken = {"Policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'}
    assert refused(kms.create_key, **broken)[0] == "MalformedPolicyDocumentException"
    assert refused(kms.create_alias, AliasName="no-prefix", TargetKeyId="x" * 36)
