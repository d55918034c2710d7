"""Everything that exists in any account, one line each: what a test asks after a destroy.

A line reads ``account region service kind name`` and, where it matters, a state in brackets. What
AWS gives every account (default networks, its own keys and policies) is left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from mlplatform.sandbox.clouds.aws import job_definitions
from mlplatform.sandbox.clouds.aws.state import Home, State


def lines(state: State, now: float) -> list[str]:
    """All resources, sorted."""
    found: list[str] = []
    for home in state.homes.values():
        home.settle(now)
        found += [f"{home.account} {home.region} {line}" for line in _own(home)]
    for service, reader in _READERS.items():
        found += _of_moto(service, reader)
    return sorted(found)


def _own(home: Home) -> Iterator[str]:
    for name in home.models:
        yield f"sagemaker model {name}"
    for name in home.endpoint_configs:
        yield f"sagemaker endpoint-config {name}"
    for name, endpoint in home.endpoints.items():
        yield f"sagemaker endpoint {name} ({endpoint.status})"
    for resource, dimension in home.targets:
        yield f"application-autoscaling target {resource} {dimension}"
    for resource, _, name in home.policies:
        yield f"application-autoscaling policy {resource} {name}"
    for resource, _, name in home.scheduled_actions:
        yield f"application-autoscaling scheduled-action {resource} {name}"
    yield from (f"sagemaker inference-component {name}" for name in home.inference_components)
    yield from (f"sagemaker feature-group {name}" for name in home.feature_groups)
    yield from (f"sagemaker {noun} {name}" for noun, name in home.jobs)
    for kind, name in home.job_definitions:
        yield f"sagemaker {job_definitions.KINDS[kind]} {name}"
    yield from (f"sagemaker monitoring-schedule {name}" for name in home.monitoring_schedules)


def _of_moto(service: str, reader: Callable[[Any], Iterator[str]]) -> Iterator[str]:
    """Lines of one of moto's services; none when nobody has called it yet."""
    module = sys.modules.get(f"moto.{service}.models")
    if module is None:
        return
    backends = getattr(module, f"{service}_backends")
    for account, region, backend in backends.iter_backends():
        for line in reader(backend):
            yield f"{account} {region} {service} {line}"


def _s3(backend: Any) -> Iterator[str]:
    for name, bucket in backend.buckets.items():
        yield f"bucket {name} ({len(list(bucket.keys))} objects)"


def _iam(backend: Any) -> Iterator[str]:
    for role in backend.roles.values():
        yield f"role {role.name}"
    for arn in backend.managed_policies:
        if "::aws:" not in arn:
            yield f"policy {arn.rpartition('/')[2]}"
    for name in backend.users:
        yield f"user {name}"
    for profile in backend.instance_profiles.values():
        yield f"instance-profile {profile.name}"


def _kms(backend: Any) -> Iterator[str]:
    for key in backend.keys.values():
        if key.key_manager == "CUSTOMER":
            yield f"key {key.id} ({key.key_state})"
        for alias in key.aliases:
            if not alias.startswith("alias/aws/"):
                yield f"alias {alias}"


def _ec2(backend: Any) -> Iterator[str]:
    own = {name for name, vpc in backend.vpcs.items() if not vpc.is_default}
    yield from (f"vpc {name}" for name in sorted(own))
    for subnets in backend.subnets.values():
        yield from (f"subnet {s.id}" for s in subnets.values() if s.vpc_id in own)
    for groups in backend.groups.values():
        yield from (f"security-group {g.id}" for g in groups.values() if g.name != "default")
    for name, table in backend.route_tables.items():
        # The main table comes and goes with its VPC.
        if table.vpc_id in own and not table.main_association_id:
            yield f"route-table {name}"
    for name, door in backend.vpc_end_points.items():
        if door.state != "deleted":  # EC2 shows a deleted one for a while
            yield f"vpc-endpoint {name}"


def _glue(backend: Any) -> Iterator[str]:
    for name, database in backend.databases.items():
        yield f"database {name}"
        yield from (f"table {name}.{table}" for table in database.tables)


def _state_machines(backend: Any) -> Iterator[str]:
    yield from (f"state-machine {machine.name}" for machine in backend.state_machines)


def _rules(backend: Any) -> Iterator[str]:
    for bus in backend.event_buses.values():
        yield from (f"rule {bus.name}/{name}" for name in bus.rules)


def _schedules(backend: Any) -> Iterator[str]:
    for group in backend.schedule_groups.values():
        yield from (f"schedule {group.name}/{name}" for name in group.schedules)


def _named(kind: str, attribute: str) -> Callable[[Any], Iterator[str]]:
    """A reader of a table by name."""

    def read(backend: Any) -> Iterator[str]:
        for name in getattr(backend, attribute, {}):
            yield f"{kind} {name}"

    return read


def _sagemaker(backend: Any) -> Iterator[str]:
    """What moto keeps of SageMaker: everything but the endpoint family."""
    for attribute, kind in (
        ("model_package_groups", "model-package-group"),
        ("pipelines", "pipeline"),
        ("notebook_instances", "notebook-instance"),
        ("notebook_instance_lifecycle_configurations", "notebook-lifecycle"),
        ("processing_jobs", "processing-job"),
        ("domains", "domain"),
    ):
        yield from _named(kind, attribute)(backend)


_READERS: dict[str, Callable[[Any], Iterator[str]]] = {
    "s3": _s3,
    "iam": _iam,
    "kms": _kms,
    "ec2": _ec2,
    "sagemaker": _sagemaker,
    "logs": _named("log-group", "groups"),
    "cloudwatch": _named("alarm", "alarms"),
    "glue": _glue,
    "ecr": _named("repository", "repositories"),
    "events": _rules,
    "stepfunctions": _state_machines,
    "scheduler": _schedules,
    "sns": _named("topic", "topics"),
    "sqs": _named("queue", "queues"),
    "secretsmanager": _named("secret", "secrets"),
    "dynamodb": _named("table", "tables"),
}
