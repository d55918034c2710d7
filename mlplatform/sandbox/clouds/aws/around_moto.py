"""What this cloud checks before moto answers, and notes after it did.

Only where moto is more lenient than the service in ways that a deployment runs into.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from mlplatform.sandbox.clouds.aws import documents, keys, managed_policies, runtime
from mlplatform.sandbox.clouds.aws.errors import ServiceError
from mlplatform.sandbox.clouds.aws.state import State
from mlplatform.sandbox.clouds.aws.wire import Request

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ROLE_CHANGES = ("CreateRole", "UpdateAssumeRolePolicy")


def before(request: Request, state: State, account: str) -> None:
    """Raise ServiceError where the service would refuse and moto would not."""
    managed_policies.load_when_named(request, account)
    if request.service == "sagemaker-runtime":
        runtime.require_serving(request, state.home(account, request.region))
    if request.service == "s3" and request.operation == "PutBucketPolicy":
        documents.require_bucket_policy(request.body)
    if request.service == "s3" and request.operation == "CreateBucket":
        _require_bucket_name(_bucket(request))
    if request.service == "kms" and request.protocol == "json":
        keys.check(request.operation, request.parameters(), account, request.region)
    if request.service == "iam" and request.operation in _ROLE_CHANGES:
        given = request.parameters()
        trust = given.get("AssumeRolePolicyDocument") or given.get("PolicyDocument", "")
        documents.require_trust_policy(trust)


def after(request: Request, state: State, account: str, now: float) -> None:
    """Note what a successful request means for the parts that moto does not know."""
    if request.service == "iam" and request.operation in _ROLE_CHANGES:
        state.roles[_role(account, request.parameters()["RoleName"]).arn] = now
    if (request.service, request.operation) == ("s3", "CreateBucket"):
        _date_bucket(_bucket(request), now)


def _bucket(request: Request) -> str:
    return request.path.strip("/").partition("/")[0]


def _role(account: str, name: str) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account]["aws"].get_role(name)


def _date_bucket(name: str, now: float) -> None:
    """moto dates buckets by the wall clock, which is another one when the journal is replayed."""
    from moto.s3.models import s3_backends

    if name in s3_backends.bucket_accounts:
        partition, account = s3_backends.bucket_accounts[name]
        bucket: Any = s3_backends[account][partition].buckets[name]
        bucket.creation_date = datetime.datetime.fromtimestamp(now, datetime.UTC)


def _require_bucket_name(name: str) -> None:
    """S3 guide, "General purpose bucket naming rules"; moto knows the length only."""
    if not _BUCKET_NAME.fullmatch(name) or ".." in name:
        raise ServiceError("InvalidBucketName", "The specified bucket is not valid.")
