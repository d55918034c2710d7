"""What each role may and may not do, as IAM itself would decide it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.aws import policy, purposes
from components.aws.access import Access, AccessArgs
from components.aws.place import Place
from components.aws.policy import Statement
from mlplatform.sandbox.clouds.aws.evaluation import Request, Value, decide
from tests.recorder import run

PLACE = Place(account_id="123456789012", region="eu-west-1")
IMAGE = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.0"
REPOSITORY = "arn:aws:ecr:eu-west-1:763104351884:repository/pytorch-inference"
KEY = PLACE.arn("kms", "key/11111111-2222-3333-4444-555555555555")
ROLE = PLACE.role_arn("ml-test-fraud-train")
STORES = purposes.Stores(
    place=PLACE,
    artifacts_bucket="artifacts",
    prefix="fraud/",
    keys=["alias/ml-test-models"],
)
ALIAS = {"kms:ResourceAliases": ["alias/ml-test-models"]}
OTHER_ALIAS = {"kms:ResourceAliases": ["alias/payroll"]}
FOR_AWS = {"kms:GrantIsForAWSResource": "true"}
TO_SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}
TAGS = {"Environment": "test"}

SERVE = purposes.serve(
    STORES,
    endpoint_name="ml-test-fraud",
    image_uris=[IMAGE],
    artifact_uris=["s3://other/m/model.tar.gz"],
)
ASYNC = purposes.serve(
    STORES,
    endpoint_name="ml-test-fraud",
    image_uris=[IMAGE],
    async_bucket="capture",
    topic_arns=[PLACE.arn("sns", "ml-test-fraud-done")],
    network=purposes.Network(tags=TAGS),
)
CAPTURE = purposes.serve(
    STORES,
    endpoint_name="ml-test-fraud",
    image_uris=[IMAGE],
    captured=("capture", "fraud/captured/"),
)
TRAIN = purposes.train(
    STORES,
    image_uris=[IMAGE],
    data_uris=["s3://lake/raw.csv"],
    network=purposes.Network(subnet_ids=["subnet-1"]),
)
MONITOR = purposes.monitor(
    STORES,
    capture_bucket="capture",
    reports_bucket="capture",
    endpoint_name="ml-test-fraud",
    image_uris=[IMAGE],
)
STORE = purposes.store(STORES, offline_bucket="features")
INGEST = purposes.ingest(PLACE, ["ml-test-fraud-Customers"])
START = purposes.start(PLACE, kind="training-job", name_prefix="ml-test-fraud-", role_arn=ROLE)
MACHINE = PLACE.arn("states", "stateMachine:ml-test-fraud-train")
SHADOW = policy.ask_shadow(PLACE, "clarify-ml-test-fraud")
WAIT = [
    *purposes.start(
        PLACE, kind="hyper-parameter-tuning-job", name_prefix="ml-test-fraud-", role_arn=ROLE
    ),
    *policy.wait_for_jobs(PLACE, "hyper-parameter-tuning-job"),
]
SCHEDULE = policy.start_executions(MACHINE)
ROLES = {
    "shadow": SHADOW,
    "search": WAIT,
    "schedule": SCHEDULE,
    "serve": SERVE,
    "async": ASYNC,
    "capture": CAPTURE,
    "train": TRAIN,
    "monitor": MONITOR,
    "store": STORE,
    "ingest": INGEST,
    "start": START,
}

Call = tuple[str, str, Mapping[str, Value]]
NONE: Mapping[str, Value] = {}
OWN = "arn:aws:s3:::artifacts/fraud/abc/model.tar.gz"
LOGS = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/sagemaker"
SUBNET = PLACE.arn("ec2", "subnet/subnet-1")
PULL: list[Call] = [
    ("ecr:BatchGetImage", REPOSITORY, NONE),
    ("ecr:GetDownloadUrlForLayer", REPOSITORY, NONE),
    ("ecr:GetAuthorizationToken", "*", NONE),
]
KEYS: list[Call] = [
    ("kms:Decrypt", KEY, ALIAS),
    ("kms:CreateGrant", KEY, {**ALIAS, **FOR_AWS}),
]
MUST: dict[str, list[Call]] = {
    "serve": [
        ("s3:GetObject", OWN, NONE),
        ("s3:GetObject", "arn:aws:s3:::other/m/model.tar.gz", NONE),
        ("s3:ListBucket", "arn:aws:s3:::artifacts", {"s3:prefix": "fraud/abc"}),
        ("logs:PutLogEvents", f"{LOGS}/Endpoints/ml-test-fraud:log-stream:v1/i-1", NONE),
        ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "/aws/sagemaker/Endpoints"}),
        *PULL,
        *KEYS,
    ],
    "async": [
        ("s3:GetObject", "arn:aws:s3:::capture/fraud/requests/1", NONE),
        ("s3:PutObject", "arn:aws:s3:::capture/fraud/answers/1", NONE),
        ("kms:GenerateDataKey", KEY, ALIAS),
        ("sns:Publish", PLACE.arn("sns", "ml-test-fraud-done"), NONE),
        ("ec2:CreateNetworkInterface", SUBNET, {"aws:ResourceTag/Environment": "test"}),
        ("ec2:CreateNetworkInterface", PLACE.arn("ec2", "network-interface/*"), NONE),
        ("ec2:DescribeSubnets", "*", NONE),
    ],
    "capture": [
        ("s3:PutObject", "arn:aws:s3:::capture/fraud/captured/ml/primary/1.jsonl", NONE),
        ("kms:GenerateDataKey", KEY, ALIAS),
    ],
    "train": [
        ("s3:GetObject", "arn:aws:s3:::lake/raw.csv", NONE),
        ("s3:GetObject", OWN, NONE),
        ("s3:PutObject", "arn:aws:s3:::artifacts/fraud/training/output/model.tar.gz", NONE),
        ("logs:CreateLogStream", f"{LOGS}/TrainingJobs:log-stream:job/algo-1", NONE),
        ("kms:GenerateDataKey", KEY, ALIAS),
        ("ec2:CreateNetworkInterface", SUBNET, NONE),
        *PULL,
        *KEYS,
    ],
    "monitor": [
        ("s3:GetObject", "arn:aws:s3:::capture/fraud/primary/1.jsonl", NONE),
        ("s3:PutObject", "arn:aws:s3:::capture/fraud/reports/1.json", NONE),
        ("sagemaker:DescribeEndpoint", PLACE.arn("sagemaker", "endpoint/ml-test-fraud"), NONE),
        ("logs:PutLogEvents", f"{LOGS}/ProcessingJobs:log-stream:job/algo-1", NONE),
        *PULL,
        *KEYS,
    ],
    "store": [
        ("s3:PutObject", "arn:aws:s3:::features/fraud/customers/data/1.parquet", NONE),
        ("s3:GetBucketAcl", "arn:aws:s3:::features", NONE),
        ("kms:GenerateDataKey", KEY, ALIAS),
    ],
    "shadow": [
        (
            f"sagemaker:{action}",
            PLACE.arn("sagemaker", "endpoint/clarify-ml-test-fraud-1234"),
            NONE,
        )
        for action in ("CreateEndpoint", "InvokeEndpoint", "DeleteEndpoint")
    ],
    "search": [
        (
            "sagemaker:CreateHyperParameterTuningJob",
            PLACE.arn("sagemaker", "hyper-parameter-tuning-job/ml-test-fraud-1234"),
            NONE,
        ),
        (
            "events:PutRule",
            PLACE.arn("events", "rule/StepFunctionsGetEventsForSageMakerTuningJobsRule"),
            NONE,
        ),
        ("iam:PassRole", ROLE, TO_SAGEMAKER),
    ],
    "schedule": [("states:StartExecution", MACHINE, NONE)],
    "ingest": [
        (
            "sagemaker:PutRecord",
            PLACE.arn("sagemaker", "feature-group/ml-test-fraud-customers"),
            NONE,
        ),
    ],
    "start": [
        (
            "sagemaker:CreateTrainingJob",
            PLACE.arn("sagemaker", "training-job/ml-test-fraud-20261121"),
            NONE,
        ),
        ("iam:PassRole", ROLE, TO_SAGEMAKER),
    ],
}
NEVER: list[Call] = [
    ("s3:GetObject", "arn:aws:s3:::payroll/fraud/x", NONE),
    ("s3:GetObject", "arn:aws:s3:::artifacts/fraudulent/x", NONE),
    ("s3:PutObject", "arn:aws:s3:::artifacts/other/x", NONE),
    ("s3:DeleteObject", OWN, NONE),
    ("s3:DeleteBucket", "arn:aws:s3:::artifacts", NONE),
    ("s3:PutBucketPolicy", "arn:aws:s3:::artifacts", NONE),
    ("s3:ListBucket", "arn:aws:s3:::artifacts", NONE),
    ("s3:ListBucket", "arn:aws:s3:::artifacts", {"s3:prefix": "other/"}),
    ("kms:Decrypt", KEY, OTHER_ALIAS),
    ("kms:Decrypt", KEY, NONE),
    ("kms:CreateGrant", KEY, ALIAS),
    ("kms:ScheduleKeyDeletion", KEY, ALIAS),
    ("kms:PutKeyPolicy", KEY, ALIAS),
    ("iam:PassRole", ROLE, NONE),
    ("iam:PassRole", ROLE, {"iam:PassedToService": "lambda.amazonaws.com"}),
    ("iam:PassRole", PLACE.role_arn("admin"), TO_SAGEMAKER),
    ("iam:CreateRole", PLACE.role_arn("x"), NONE),
    ("iam:PutRolePolicy", ROLE, NONE),
    ("sts:AssumeRole", PLACE.role_arn("admin"), NONE),
    ("sagemaker:CreateEndpoint", PLACE.arn("sagemaker", "endpoint/x"), NONE),
    ("sagemaker:DeleteEndpoint", PLACE.arn("sagemaker", "endpoint/ml-test-fraud"), NONE),
    ("sagemaker:InvokeEndpoint", PLACE.arn("sagemaker", "endpoint/ml-test-fraud"), NONE),
    ("sagemaker:CreateTrainingJob", PLACE.arn("sagemaker", "training-job/other-1"), NONE),
    ("sagemaker:PutRecord", PLACE.arn("sagemaker", "feature-group/other"), NONE),
    ("states:StartExecution", PLACE.arn("states", "stateMachine:payroll"), NONE),
    ("states:UpdateStateMachine", PLACE.arn("states", "stateMachine:ml-test-fraud-train"), NONE),
    ("events:PutRule", PLACE.arn("events", "rule/payroll"), NONE),
    ("sagemaker:CreateModel", PLACE.arn("sagemaker", "model/x"), NONE),
    ("ecr:BatchGetImage", PLACE.arn("ecr", "repository/secret"), NONE),
    ("ecr:PutImage", REPOSITORY, NONE),
    ("logs:PutLogEvents", PLACE.arn("logs", "log-group:/app:log-stream:x"), NONE),
    ("logs:DeleteLogGroup", f"{LOGS}/Endpoints/ml-test-fraud", NONE),
    ("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}),
    ("cloudwatch:PutMetricData", "*", NONE),
    ("sns:Publish", PLACE.arn("sns", "payroll"), NONE),
    ("ec2:CreateNetworkInterface", PLACE.arn("ec2", "subnet/subnet-9"), NONE),
    ("ec2:RunInstances", PLACE.arn("ec2", "instance/*"), NONE),
    ("secretsmanager:GetSecretValue", PLACE.arn("secretsmanager", "secret:x"), NONE),
]
"""What no role may do, whatever its purpose."""


def decision(statements: list[Statement], call: Call) -> str:
    action, resource, context = call
    request = Request(action=action, resource=resource, context=context)
    return decide(request, [policy.document(statements)])


@pytest.mark.parametrize(
    ("role", "call"), [(role, call) for role, calls in MUST.items() for call in calls]
)
def test_a_role_may_do_what_its_purpose_needs(role: str, call: Call) -> None:
    assert decision(ROLES[role], call) == "allowed"


@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_do_anything_of_another_purpose(role: str) -> None:
    assert [call for call in NEVER if decision(ROLES[role], call) == "allowed"] == []


@pytest.mark.parametrize("role", ROLES)
def test_no_action_has_a_wildcard_and_a_star_resource_is_of_actions_that_know_none(
    role: str,
) -> None:
    for statement in ROLES[role]:
        actions = statement["Action"]
        listed = [actions] if isinstance(actions, str) else actions
        assert not [action for action in listed if "*" in action]
        if statement["Resource"] == "*":
            assert statement["Sid"] in {"LogInToRegistries", "PublishMetrics", "SeeNetwork"}


def test_each_roles_policy_is_within_what_iam_takes_and_names_each_statement_once() -> None:
    for statements in ROLES.values():
        text = json.dumps(policy.document(statements), separators=(",", ":"))
        assert len(text) < 10_240  # IAM quotas: inline policies of a role
        sids = [statement["Sid"] for statement in statements]
        assert len(sids) == len(set(sids))


@pytest.mark.parametrize(
    ("service", "account", "source", "expected"),
    [
        ("sagemaker", "123456789012", "123456789012:endpoint/x", "allowed"),
        ("sagemaker", "210987654321", "210987654321:endpoint/x", "not allowed"),
        ("sagemaker", "123456789012", "210987654321:endpoint/x", "not allowed"),
        ("lambda", "123456789012", "123456789012:endpoint/x", "not allowed"),
    ],
)
def test_only_sagemaker_for_this_accounts_resources_may_be_the_role(
    service: str, account: str, source: str, expected: str
) -> None:
    trust = policy.trust(PLACE, purposes.SAGEMAKER, PLACE.arn("sagemaker", "*"))
    request = Request(
        action="sts:AssumeRole",
        principal=f"Service:{service}.amazonaws.com",
        context={
            "aws:SourceAccount": account,
            "aws:SourceArn": f"arn:aws:sagemaker:eu-west-1:{source}",
        },
    )
    assert decide(request, [trust]) == expected
    unnamed = Request(action="sts:AssumeRole", principal=request.principal)
    assert decide(unnamed, [trust]) == "not allowed"


def test_who_may_ask_an_endpoint_may_ask_no_other() -> None:
    asked: list[Call] = [
        (f"sagemaker:{action}", PLACE.arn("sagemaker", f"endpoint/{name}"), NONE)
        for action in ("InvokeEndpoint", "InvokeEndpointAsync", "DescribeEndpoint")
        for name in ("ml-test-fraud", "ml-test-fraud2")
    ]
    allowed = [c for c in asked if decision(policy.invoke(PLACE, "ml-test-Fraud"), c) == "allowed"]
    assert [(action, arn[-13:]) for action, arn, _ in allowed] == [
        ("sagemaker:InvokeEndpoint", "ml-test-fraud"),
        ("sagemaker:InvokeEndpointAsync", "ml-test-fraud"),
    ]


def test_a_prefix_that_matches_a_neighbour_is_refused() -> None:
    with pytest.raises(ValueError, match="must end with '/'"):
        policy.read_objects(PLACE, "artifacts", "fraud")


def access() -> AccessArgs:
    return AccessArgs(
        place=PLACE, role_name="ml-test-fraud-serve", description="d", statements=SERVE
    )


def test_documents_are_plain_text_at_preview() -> None:
    made: dict[str, Any] = {}
    inventory = run(lambda: made.update(access=Access("fraud", access())))
    role = inventory.one("aws:iam/role:Role")
    trust = policy.trust(PLACE, "sagemaker.amazonaws.com", PLACE.arn("sagemaker", "*"))
    assert json.loads(role.inputs["assumeRolePolicy"]) == trust
    may = inventory.one("aws:iam/rolePolicy:RolePolicy")
    assert json.loads(may.inputs["policy"]) == policy.document(SERVE)
    assert made["access"].role_arn == "arn:aws:iam::123456789012:role/ml-test-fraud-serve"


def test_china_has_its_own_partition() -> None:
    place = Place(account_id="123456789012", region="cn-north-1")
    assert place.role_arn("r") == "arn:aws-cn:iam::123456789012:role/r"
