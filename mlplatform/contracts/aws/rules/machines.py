"""Rules about instance types, on the facts of the catalogue. Pure; used by several nouns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from mlplatform.catalog import aws as catalog
from mlplatform.contracts.problem import Problem


def retired(path: str, instance_type: str) -> Iterator[Problem]:
    """Hardware that AWS took away is refused, with the replacement named (catalogue, dated)."""
    machine = catalog.machine(instance_type)
    if machine is None or machine.retired is None or machine.retired > date.today():
        return
    instead = machine.replacement
    yield Problem(
        path=path,
        got=instance_type,
        message=f"retired on {machine.retired}" + (f"; replacement: {instead}" if instead else ""),
        source="rule: machine catalogue",
    )


def no_volume_key(path: str, key: object, instance_type: str, operation: str) -> Iterator[Problem]:
    """SageMaker encrypts local NVMe storage itself; jobs may not ask for a key there.

    Source: botocore, documentation of VolumeKmsKeyId in ResourceConfig. Endpoints may: there the
    key covers what is not on the local disks (botocore, CreateEndpointConfig, KmsKeyId).
    """
    machine = catalog.machine(instance_type)
    if machine is not None and machine.local_nvme:
        yield Problem(
            path=path,
            got=key,
            message=f"allowed: no key with {instance_type}, whose storage is local NVMe, "
            "encrypted by the hardware",
            source=f"rule: {operation}, key and local storage",
        )


def cannot_scale(path: str, instance_type: str) -> Iterator[Problem]:
    """Burstable types cannot be scaled automatically (SageMaker guide, "Automatic scaling",
    prerequisites).
    """
    machine = catalog.machine(instance_type)
    if machine is not None and machine.burstable:
        yield Problem(
            path=path,
            got=instance_type,
            message="allowed with automatic scaling: types that are not burstable (not ml.t*)",
            source="rule: SageMaker automatic scaling",
        )
