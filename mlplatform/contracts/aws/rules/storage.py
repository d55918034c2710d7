"""Rules for buckets, their settings and their objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.contracts.aws.rules import grammar
from mlplatform.contracts.aws.rules.reading import given, inner, items, text
from mlplatform.contracts.problem import Problem

_BODIES = ("content", "contentBase64", "source")


def bucket(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """The name of a new bucket is legal; a prefix may stand in for it."""
    name = text(inputs, "bucket")
    message = grammar.bucket_name(name) if name is not None else None
    if message:
        yield Problem(
            path="bucket", got=name, message=message, source="rule: S3 bucket naming rules"
        )


def bucket_policy(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A bucket policy names principals and resources."""
    document = text(inputs, "policy")
    if document is not None:
        for message in grammar.policy_document(
            document, names_principals=True, names_resources=True
        ):
            yield Problem(
                path="policy", got=document, message=message, source="rule: S3 bucket policies"
            )


def encryption(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """A KMS key goes only with a KMS algorithm, and is a reference to a key."""
    for at, rule in items(inputs, "rules"):
        default = inner(rule, "applyServerSideEncryptionByDefault")
        path = f"{at}.applyServerSideEncryptionByDefault.kmsMasterKeyId"
        key, algorithm = text(default, "kmsMasterKeyId"), text(default, "sseAlgorithm")
        if key is None:
            continue
        if algorithm is not None and not algorithm.startswith("aws:kms"):
            yield Problem(
                path=path,
                got=key,
                message=f"allowed: only with sseAlgorithm aws:kms, not {algorithm}",
                source="rule: S3 PutBucketEncryption, KMSMasterKeyID",
            )
        message = grammar.kms_key(key)
        if message:
            yield Problem(path=path, got=key, message=message, source="rule: KMS key identifiers")


def bucket_object(inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """An object has one body at most."""
    bodies = [name for name in _BODIES if given(inputs, name)]
    if len(bodies) > 1:
        yield Problem(
            path=bodies[1],
            got=" and ".join(bodies),
            message=f"allowed: one of {', '.join(_BODIES)}",
            source="rule: pulumi-aws s3.BucketObjectv2",
        )
    key = text(inputs, "kmsKeyId")
    message = grammar.kms_key(key) if key is not None else None
    if message:
        yield Problem(path="kmsKeyId", got=key, message=message, source="rule: KMS key identifiers")
