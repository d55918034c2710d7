"""Keys, buckets, registries, logs and the network on AWS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ml_policies.checks import among, both, equals, is_set
from ml_policies.documents import UndecidableError, allows, conditions, principals, statements
from ml_policies.finding import Finding
from ml_policies.making import DROP, rule
from ml_policies.resource import Resource, is_on
from ml_policies.rule import Check, Example, Settings, Severity, StackRule
from mlplatform.contracts.unknown import UNKNOWN, is_unknown

KEY = "aws:kms/key:Key"
REPOSITORY = "aws:ecr/repository:Repository"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
SUBNET = "aws:ec2/subnet:Subnet"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ROUTE = "aws:ec2/route:Route"
INTERNET = "aws:ec2/internetGateway:InternetGateway"
BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
GUARDS = {
    "a public access block": "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "versioning": "aws:s3/bucketVersioning:BucketVersioning",
    "encryption with a KMS key": (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ),
    "a policy that denies requests without TLS": "aws:s3/bucketPolicy:BucketPolicy",
}
NEEDED = ("s3", "sagemaker.api", "sagemaker.runtime", "ecr.api", "ecr.dkr", "logs", "sts")
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _key_policy(resource: Resource, settings: Settings) -> Iterator[Finding]:
    del settings
    try:
        for statement in filter(allows, statements(resource.get("policy"))):
            if "*" in principals(statement).get("AWS", []) and not conditions(statement):
                yield Finding(problem="policy: lets every AWS account use the key")
    except UndecidableError:
        yield Finding(problem="", path="policy", undecided=True)


def _buckets(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    for bucket in resources:
        if bucket.type not in BUCKETS:
            continue
        name = bucket.get("bucket")
        if is_unknown(name):
            yield Finding(problem="", path="bucket", undecided=True, resource=bucket)
            continue
        for what, token in GUARDS.items():
            guard = [one for one in resources if one.type == token and _is_of(one, name, bucket)]
            if not guard:
                yield Finding(problem=f"needed: {what}", resource=bucket)
            for one in guard:
                yield from _guarded(one, bucket)


def _is_of(guard: Resource, name: object, bucket: Resource) -> bool:
    found = guard.get("bucket")
    # An unknown name is that of a sibling: the same component made both.
    return found == name or (is_unknown(found) and guard.parent == bucket.parent)


def _guarded(guard: Resource, bucket: Resource) -> Iterator[Finding]:
    if guard.type.endswith(":BucketPublicAccessBlock"):
        for block in _BLOCKS:
            if not is_on(guard.get(block)) and not is_unknown(guard.get(block)):
                yield Finding(problem=f"public access block: {block} is off", resource=bucket)
    elif guard.type.endswith(":BucketVersioning"):
        status = guard.get("versioningConfiguration.status")
        if status != "Enabled" and not is_unknown(status):
            yield Finding(problem="versioning is not enabled", resource=bucket)
    elif guard.type.endswith("EncryptionConfiguration"):
        path = "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm"
        algorithm = guard.get(path)
        if algorithm not in ("aws:kms", "aws:kms:dsse") and not is_unknown(algorithm):
            yield Finding(problem="encryption without a KMS key", resource=bucket)
    else:
        yield from _tls(guard, bucket)


def _tls(guard: Resource, bucket: Resource) -> Iterator[Finding]:
    try:
        denied = any(
            statement.get("Effect") == "Deny"
            and "false" in conditions(statement).get("aws:securetransport", [])
            for statement in statements(guard.get("policy"))
        )
    except UndecidableError:
        yield Finding(problem="", path="policy", undecided=True, resource=guard)
        return
    if not denied:
        yield Finding(problem="its policy takes requests without TLS", resource=bucket)


def _endpoints(resources: Sequence[Resource], settings: Settings) -> Iterator[Finding]:
    del settings
    subnets = [one for one in resources if one.type == SUBNET]
    if not subnets or any(one.type == INTERNET for one in resources):
        return  # not isolated: there is another way out
    services = [one.get("serviceName") for one in resources if one.type == VPC_ENDPOINT]
    if any(is_unknown(service) for service in services):
        yield Finding(problem="", path="serviceName", undecided=True, resource=subnets[0])
        return
    for needed in NEEDED:
        if not any(str(service).endswith(f".{needed}") for service in services):
            yield Finding(
                problem=f"isolated subnets without a VPC endpoint for {needed}",
                resource=subnets[0],
            )


def _bucket_example(**changes: object) -> tuple[Example, ...]:
    blocks: dict[str, object] = dict.fromkeys(_BLOCKS, True)
    parts: dict[str, dict[str, object]] = {
        "block": {"bucket": "b", **blocks},
        "versioning": {"bucket": "b", "versioningConfiguration": {"status": "Enabled"}},
        "encryption": {
            "bucket": "b",
            "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
        },
        "tls": {
            "bucket": "b",
            "policy": '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", '
            '"Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}',
        },
    }
    tokens = dict(zip(parts, GUARDS.values(), strict=True))
    kept = {name: props for name, props in parts.items() if changes.get(name, True) is not None}
    bucket = {"bucket": changes.get("bucket", "b")}
    return (
        Example(type=BUCKETS[0], props=bucket, name="bucket"),
        *(
            Example(type=tokens[name], props={**props, **_over(changes.get(name))}, name=name)
            for name, props in kept.items()
        ),
    )


def _over(change: object) -> dict[str, object]:
    return dict(change) if isinstance(change, dict) else {}


def _network_example(*services: str, gateway: bool = False) -> tuple[Example, ...]:
    return (
        Example(type=SUBNET, props={"vpcId": "vpc-1"}, name="subnet"),
        *(
            Example(type=VPC_ENDPOINT, props={"serviceName": service}, name=f"endpoint-{number}")
            for number, service in enumerate(services)
        ),
        *((Example(type=INTERNET, props={}, name="gateway"),) if gateway else ()),
    )


_ALL = tuple(f"com.amazonaws.us-east-1.{needed}" for needed in NEEDED)

RULES = (
    rule(
        "aws-kms-rotate",
        Severity.MEDIUM,
        KEY,
        both(equals("enableKeyRotation", True, safe=True), Check(run=_key_policy)),
        "KMS keys rotate and are this account's own.",
        "A key that never changes protects everything it ever protected with one secret.",
        "Set enable_key_rotation=True, and name principals in the key's policy.",
        good={"enableKeyRotation": True, "policy": '{"Statement": []}'},
        bad=[
            {"enableKeyRotation": False},
            {"enableKeyRotation": DROP},
            {
                "policy": '{"Statement": [{"Effect": "Allow", "Principal": "*", '
                '"Action": "kms:*", "Resource": "*"}]}'
            },
        ],
        unknown="enableKeyRotation",
        sources=("KMS.4", "CKV_AWS_7", "CKV_AWS_33", "AVD-AWS-0065"),
    ),
    rule(
        "aws-ecr-secure",
        Severity.MEDIUM,
        REPOSITORY,
        both(
            among("imageTagMutability", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", safe="IMMUTABLE"),
            equals("imageScanningConfiguration.scanOnPush", True, safe=True),
            among("encryptionConfigurations[0].encryptionType", "KMS", "KMS_DSSE"),
        ),
        "Image repositories are immutable, scanned, and encrypted with a key of yours.",
        "An image that can be exchanged under its tag is a way into every container.",
        'Set image_tag_mutability="IMMUTABLE", scan_on_push=True and a KMS key.',
        good={
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "k"}],
        },
        bad=[
            {"imageTagMutability": "MUTABLE"},
            {"imageScanningConfiguration.scanOnPush": False},
            {"encryptionConfigurations[0].encryptionType": "AES256"},
        ],
        unknown="imageTagMutability",
        sources=("ECR.1", "ECR.2", "CKV_AWS_51", "CKV_AWS_136", "CKV_AWS_163"),
    ),
    rule(
        "aws-loggroup",
        Severity.LOW,
        LOGS,
        both(
            is_set("retentionInDays", "days after which logs go"),
            is_set("kmsKeyId", "a KMS key"),
        ),
        "Log groups forget after a while and are encrypted with a key of yours.",
        "Logs hold pieces of requests, and are paid for as long as they are kept.",
        "Set retention_in_days and kms_key_id.",
        good={"retentionInDays": 90, "kmsKeyId": "alias/ml"},
        bad=[{"retentionInDays": DROP}, {"kmsKeyId": DROP}],
        unknown="retentionInDays",
        sources=("CKV_AWS_66", "CKV_AWS_158", "AVD-AWS-0017"),
    ),
    StackRule(
        id="aws-s3-ml-secure",
        severity=Severity.HIGH,
        check=_buckets,
        summary="Every bucket is private, versioned, encrypted with a KMS key and TLS only.",
        rationale="Models and training data lie in them.",
        remediation="Use components/aws/storage.py, or add the missing resource for the bucket.",
        sources=(
            *("S3.1", "S3.5", "S3.8", "CKV_AWS_21", "CKV_AWS_145", "CKV2_AWS_6"),
            *("AVD-AWS-0086", "AVD-AWS-0087", "AVD-AWS-0090", "AVD-AWS-0132"),
        ),
        good=_bucket_example(),
        bad=_bucket_example(block=None),
        unknown=_bucket_example(bucket=UNKNOWN),
    ),
    StackRule(
        id="aws-vpc-endpoints",
        severity=Severity.MEDIUM,
        check=_endpoints,
        summary="Isolated subnets reach what SageMaker needs by VPC endpoints.",
        rationale="Without one of them a job hangs until it times out, and is paid for.",
        remediation="Set clouds.aws.network: {create: true}, or add the endpoint.",
        sources=("SageMaker developer guide, interface endpoints",),
        good=_network_example(*_ALL),
        bad=_network_example(*_ALL[1:]),
        unknown=_network_example(*_ALL[1:], UNKNOWN),
    ),
)
