"""SageMaker models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

from mlplatform.sandbox.clouds.aws import roles, tags
from mlplatform.sandbox.clouds.aws.errors import invalid
from mlplatform.sandbox.clouds.aws.evaluation import Request
from mlplatform.sandbox.clouds.aws.registry import handles
from mlplatform.sandbox.clouds.aws.state import Call, Home, Json, listed


def arn(home: Home, name: str) -> str:
    return home.arn("sagemaker", f"model/{name.lower()}")


def find(home: Home, name: str) -> Json:
    if name not in home.models:
        raise invalid(f'Could not find model "{arn(home, name)}".')
    return home.models[name]


def images(home: Home) -> dict[str, str]:
    """The first container's image of every model, by name of the model."""
    found: dict[str, str] = {}
    for name, model in home.models.items():
        for container in _containers(model):
            if "Image" in container:
                found.setdefault(name, container["Image"])
    return found


def resolved(image: str) -> str:
    """An image with a digest, as SageMaker shows what it pulled; made up, but always the same."""
    repository, _, _ = image.partition("@")
    head, slash, last = repository.rpartition("/")
    digest = hashlib.sha256(image.encode()).hexdigest()
    return f"{head}{slash}{last.partition(':')[0]}@sha256:{digest}"


@handles("sagemaker", "CreateModel")
def create(call: Call) -> Json:
    name = call.params["ModelName"]
    own = arn(call.home, name)
    if name in call.home.models:
        raise invalid(f'Cannot create already existing model "{own}".')
    containers = _containers(call.params)
    if not containers:
        raise invalid("Either PrimaryContainer or Containers must be specified.")
    if "PrimaryContainer" in call.params and call.params.get("Containers"):
        raise invalid("PrimaryContainer and Containers cannot be specified together.")
    role = call.params.get("ExecutionRoleArn")
    if role is not None:
        roles.require_passable(call, role)
        roles.require_assumable(call, role)
    for container in containers:
        if "Image" not in container and "ModelPackageName" not in container:
            raise invalid("A container needs an Image or a ModelPackageName.")
        for uri, needed in _sources(container):
            _require_artifact(call, uri, needed, role)
    call.home.models[name] = {
        **{key: value for key, value in call.params.items() if key != "Tags"},
        "ModelArn": own,
        "CreationTime": call.now,
        "EnableNetworkIsolation": call.params.get("EnableNetworkIsolation", False),
    }
    tags.begin(call, own)
    return {"ModelArn": own}


@handles("sagemaker", "DescribeModel")
def describe(call: Call) -> Json:
    return find(call.home, call.params["ModelName"])


@handles("sagemaker", "DeleteModel")
def delete(call: Call) -> Json:
    name = call.params["ModelName"]
    find(call.home, name)
    # The service deletes a model that configurations still name; they break at their next use.
    del call.home.models[name]
    call.home.tags.pop(arn(call.home, name), None)
    return {}


@handles("sagemaker", "ListModels")
def list_all(call: Call) -> Json:
    items = (
        {key: model[key] for key in ("ModelName", "ModelArn", "CreationTime")}
        for model in call.home.models.values()
    )
    return listed(items, call.params, name="ModelName", created="CreationTime", key="Models")


def _containers(model: Json) -> list[Json]:
    primary = model.get("PrimaryContainer")
    return [primary] if primary else list(model.get("Containers") or [])


def _sources(container: Json) -> Iterator[tuple[str, str]]:
    """Each place that model data comes from, and what has to be there."""
    if uri := container.get("ModelDataUrl"):
        yield uri, "bucket" if container.get("Mode") == "MultiModel" else "object"
    source = (container.get("ModelDataSource") or {}).get("S3DataSource")
    if source:
        yield source["S3Uri"], "prefix" if source.get("S3DataType") == "S3Prefix" else "object"


def _require_artifact(call: Call, uri: str, needed: str, role: str | None) -> None:
    place = urlparse(uri)
    bucket, key = place.netloc, place.path.lstrip("/")
    readable = place.scheme == "s3" and _exists(bucket, key, needed)
    if readable and role is not None:
        readable = roles.may(call, role, _reading(bucket, key, needed))
    if not readable:
        raise invalid(
            f"Could not access model data at {uri}. Please ensure that the role "
            f'"{role}" exists and that its trust relationship policy allows the action '
            f'"sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure '
            f'that the role has "s3:GetObject" permissions and that the object is located in '
            f"{call.home.region}. If your Model uses multiple models or uncompressed models, "
            f'please ensure that the role has "s3:ListBucket" permission.'
        )


def _reading(bucket: str, key: str, needed: str) -> Request:
    """What the role must be allowed, for one object or for all under a prefix."""
    if needed == "object":
        return Request(action="s3:GetObject", resource=f"arn:aws:s3:::{bucket}/{key}")
    context = {"s3:prefix": key}
    return Request(action="s3:ListBucket", resource=f"arn:aws:s3:::{bucket}", context=context)


def _exists(bucket: str, key: str, needed: str) -> bool:
    """A multi-model endpoint may start with an empty prefix; others need their object."""
    from moto.s3.models import FakeDeleteMarker, s3_backends

    if bucket not in s3_backends.bucket_accounts:
        return False
    partition, account = s3_backends.bucket_accounts[bucket]
    stored: Any = s3_backends[account][partition].buckets[bucket].keys
    if needed == "bucket":
        return True
    if needed == "prefix":
        return any(name.startswith(key) for name in stored)
    return key in stored and not isinstance(stored[key], FakeDeleteMarker)
