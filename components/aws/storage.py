"""S3 bucket: versioned, encrypted, TLS only, never public, tidy.

Creates, for a component named ``NAME``:

===================  ===================================================  ======
child                type                                                 when
===================  ===================================================  ======
``NAME``             aws:s3/bucket:Bucket                                 always
``NAME-ownership``   aws:s3/bucketOwnershipControls:...                   always
``NAME-private``     aws:s3/bucketPublicAccessBlock:...                   always
``NAME-versioning``  aws:s3/bucketVersioning:BucketVersioning             always
``NAME-encryption``  aws:s3/bucketServerSideEncryptionConfiguration:...   always
``NAME-tls``         aws:s3/bucketPolicy:BucketPolicy                     always
``NAME-lifecycle``   aws:s3/bucketLifecycleConfiguration:...              always
``NAME-<upload>``    aws:s3/bucketObjectv2:BucketObjectv2                 ``upload``
===================  ===================================================  ======

The inline blocks of ``aws.s3.Bucket`` are deprecated in favour of these separate resources.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.place import Place
from components.core.base import MlComponent

UNFINISHED_DAYS = 7
OLD_VERSIONS_DAYS = 90
"""How long an upload may take, and how long an overwritten object can be taken back."""


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a caller decides."""

    place: Place
    bucket: str
    """Physical name, unique among all AWS accounts."""
    key_arn: pulumi.Input[str]
    """Default encryption of every object. Required: there is no unencrypted mode."""
    expire_days: Mapping[str, int] = field(default_factory=dict)
    """Prefix, ending with ``/``: objects under it are deleted after so many days."""
    force_destroy: bool = False
    """True deletes what is left in the bucket with it; keep False where data matters."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Storage(MlComponent):
    """One bucket with its guards."""

    kind = "aws:Storage"

    bucket: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.bucket = args.bucket
        self._tags = dict(args.tags)
        bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket,
            force_destroy=args.force_destroy,
            tags=self._tags,
            opts=self._opts(),
        )
        aws.s3.BucketOwnershipControls(
            self._child("ownership"),
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._opts(),
        )
        private = aws.s3.BucketPublicAccessBlock(
            self._child("private"),
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._opts(),
        )
        aws.s3.BucketPolicy(
            self._child("tls"),
            bucket=bucket.bucket,
            policy=json.dumps(tls_only(args.place.bucket_arn(args.bucket))),
            # S3 answers 409 when both change at once.
            opts=self._opts(depends_on=[private]),
        )
        versioning = aws.s3.BucketVersioning(
            self._child("versioning"),
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=self._opts(),
        )
        encryption = aws.s3.BucketServerSideEncryptionConfiguration(
            self._child("encryption"),
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=args.key_arn
                    ),
                    # One data key per bucket instead of one per object: far fewer KMS calls.
                    bucket_key_enabled=True,
                )
            ],
            opts=self._opts(),
        )
        aws.s3.BucketLifecycleConfiguration(
            self._child("lifecycle"),
            bucket=bucket.bucket,
            rules=lifecycle_rules(args.expire_days),
            # S3 refuses rules about older versions while there are none.
            opts=self._opts(depends_on=[versioning]),
        )
        # An object that came before these two would be unversioned or encrypted otherwise.
        self._ready = [versioning, encryption]
        self.register_outputs({"bucket": self.bucket})

    def upload(self, suffix: str, path: Path, object_key: str) -> aws.s3.BucketObjectv2:
        """Put a local file under a key; name the key by its content, so that a new file is new.

        It is never protected: the project has it, and a new one could not take its place.
        """
        return aws.s3.BucketObjectv2(
            self._child(suffix),
            bucket=self.bucket,
            key=object_key,
            source=pulumi.FileAsset(str(path)),
            tags=self._tags,
            opts=pulumi.ResourceOptions.merge(
                self._opts(depends_on=self._ready), pulumi.ResourceOptions(protect=False)
            ),
        )


def lifecycle_rules(
    expire_days: Mapping[str, int],
) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """Tidying everywhere, and expiry where it is asked for.

    An upload that nobody finished is paid for until it is aborted; so is each overwritten version
    (S3 guide, "Managing the lifecycle of objects").
    """
    tidy = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="tidy",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=(
            aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=UNFINISHED_DAYS
            )
        ),
        noncurrent_version_expiration=(
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=OLD_VERSIONS_DAYS
            )
        ),
    )
    return [
        tidy,
        *(
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id=f"expire-{prefix.rstrip('/').replace('/', '-')}",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
            )
            for prefix, days in sorted(expire_days.items())
        ),
    ]


def tls_only(bucket_arn: str) -> dict[str, Any]:
    """Deny every request that is not over TLS (Security Hub S3.5)."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyWithoutTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn, f"{bucket_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
