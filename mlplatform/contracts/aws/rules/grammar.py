"""Grammars of AWS's own names: ARNs, images, buckets, policy documents. Pure; no resource types."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.catalog.nearest import nearest

_PARTITION = r"aws(-[a-z]+)*"
_REGION = r"[a-z]{2}(-[a-z]+)+-\d"
_IMAGE = re.compile(
    rf"(?P<account>\d{{12}})\.dkr[.-]ecr(-fips)?\.(?P<region>{_REGION})\.[a-z0-9.-]+"
    r"/(?P<repository>[a-z0-9]+([._/-]+[a-z0-9]+)*)"
    r"((:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?)"
)
_KEY = r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ALIAS = r"alias/[a-zA-Z0-9/_-]+"
_KEY_REFERENCE = re.compile(
    rf"{_KEY}|{_ALIAS}|arn:{_PARTITION}:kms:{_REGION}:\d{{12}}:(key/{_KEY}|{_ALIAS})"
)
_POLICY_ARN = re.compile(rf"arn:{_PARTITION}:iam::(aws|\d{{12}}):policy/[\w+=,.@/-]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_VERSIONS = ("2012-10-17", "2008-10-17")


def image_uri(text: str) -> str | None:
    """What is wrong with a container image that SageMaker pulls from ECR; None when nothing is.

    Source: SageMaker's refusal "Using non-ECR image ... without Vpc repository access mode is not
    supported", and the registry address in the ECR user guide.
    """
    if _IMAGE.fullmatch(text):
        return None
    return (
        "allowed: <12-digit account>.dkr.ecr.<region>.amazonaws.com/<repository>[:tag|@sha256:...]"
    )


def kms_key(text: str) -> str | None:
    """What is wrong with a reference to a KMS key (id, ARN, alias or alias ARN; KMS guide, "Key
    identifiers").
    """
    if _KEY_REFERENCE.fullmatch(text):
        return None
    return "allowed: a key id, alias/<name>, or arn:aws:kms:<region>:<12-digit account>:key/<id>"


def policy_arn(text: str) -> str | None:
    """What is wrong with the ARN of a managed policy (IAM guide, "IAM identifiers")."""
    if _POLICY_ARN.fullmatch(text):
        return None
    return "allowed: arn:aws:iam::<aws or 12-digit account>:policy/<name>"


def bucket_name(text: str) -> str | None:
    """What is wrong with the name of a new bucket (S3 guide, "General purpose bucket naming
    rules").
    """
    if not _BUCKET.fullmatch(text) or ".." in text:
        return (
            "allowed: 3 to 63 characters of a-z, 0-9, '-' and '.', "
            "with a letter or digit at both ends"
        )
    if re.fullmatch(r"\d+(\.\d+){3}", text):
        return "allowed: anything but the form of an IP address"
    if text.startswith(_BUCKET_PREFIXES) or text.endswith(_BUCKET_SUFFIXES):
        return f"reserved; not allowed: {', '.join(_BUCKET_PREFIXES + _BUCKET_SUFFIXES)}"
    return None


def cidr(text: str, *, shortest: int = 0, longest: int = 32) -> str | None:
    """What is wrong with an IPv4 block whose prefix has `shortest` to `longest` bits."""
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        return f"allowed: an IPv4 block such as 10.0.0.0/16 ({error})"
    if not shortest <= network.prefixlen <= longest:
        return f"allowed: a prefix of /{shortest} to /{longest}"
    return None


def policy_document(text: str, *, names_principals: bool, names_resources: bool) -> Iterator[str]:
    """What is wrong with a policy document (IAM guide, "Grammar of the IAM JSON policy language").

    names_principals: a trust or resource policy, which must say who. names_resources: False for a
    trust policy, which must not name resources.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        yield f"allowed: a JSON policy document ({error})"
        return
    if not isinstance(document, dict):
        yield "allowed: a JSON object with Version and Statement"
        return
    for key in sorted(set(document) - {"Version", "Id", "Statement"}):
        near = nearest(key, ("Version", "Id", "Statement"))
        yield f"unknown element {key!r}; allowed: Version, Id, Statement" + (
            f"; nearest: {near}" if near else ""
        )
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        yield f"Version {document['Version']!r}; allowed: {', '.join(_VERSIONS)}"
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        yield "allowed: at least one Statement"
        return
    for i, statement in enumerate(statements):
        where = f"Statement[{i}]"
        if not isinstance(statement, dict):
            yield f"{where}: allowed: an object"
            continue
        for message in _statement(statement, names_principals, names_resources):
            yield f"{where}: {message}"


def _statement(
    statement: Mapping[str, Any], names_principals: bool, names_resources: bool
) -> Iterator[str]:
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"Effect {statement.get('Effect')!r}; allowed: Allow, Deny"
    if len({"Action", "NotAction"} & set(statement)) != 1:
        yield "allowed: exactly one of Action, NotAction"
    principals = {"Principal", "NotPrincipal"} & set(statement)
    if names_principals and not principals:
        yield "missing Principal"
    if not names_principals and principals:
        yield f"{principals.pop()} is not allowed in a policy of an identity"
    resources = {"Resource", "NotResource"} & set(statement)
    if names_resources and len(resources) != 1:
        yield "allowed: exactly one of Resource, NotResource"
    if not names_resources and resources:
        yield f"{resources.pop()} is not allowed in a trust policy"
