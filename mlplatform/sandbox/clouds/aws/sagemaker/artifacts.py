"""Whether a model's data is in S3 and readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlplatform.sandbox.clouds.aws.refusal import invalid
from mlplatform.sandbox.clouds.aws.registry import Ask
from mlplatform.sandbox.clouds.aws.world import World


def must_exist(world: World, ask: Ask, container: Mapping[str, Any], role: str) -> None:
    """``Refusal`` when a container names data that is not there."""
    for uri, is_prefix in _locations(container):
        if not _exists(world, uri, is_prefix):
            raise invalid(
                f'Could not access model data at {uri}. Please ensure that the role "{role}" '
                "exists and that its trust relationship policy allows the action "
                '"sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also '
                'ensure that the role has "s3:GetObject" permissions and that the object is '
                f"located in {ask.call.region}."
            )


def _locations(container: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Addresses of the container's data, and whether each is a prefix."""
    if url := container.get("ModelDataUrl"):
        yield url, container.get("Mode") == "MultiModel" or url.endswith("/")
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if uri := source.get("S3Uri"):
        yield uri, source.get("S3DataType") == "S3Prefix"


def _exists(world: World, uri: str, is_prefix: bool) -> bool:
    if not uri.startswith("s3://"):
        return True  # an https address, which SageMaker takes too
    bucket_name, _, key = uri.removeprefix("s3://").partition("/")
    with world.moto.lock:
        for _, _, backend in world.moto.accounts("s3"):
            bucket = backend.buckets.get(bucket_name)
            if bucket is not None:
                names = [name for name in bucket.keys if _is_object(bucket.keys[name])]
                return any(n.startswith(key) if is_prefix else n == key for n in names)
    return False


def _is_object(kept: Any) -> bool:
    """Not the marker that a versioned bucket keeps in place of a deleted object."""
    return type(kept).__name__ == "FakeKey"
