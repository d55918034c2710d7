"""Vertex AI online endpoint: registered models, the endpoint, deployed models with their traffic.

Creates, for a component named ``NAME`` and each variant ``V``:

=====================  ===================================  ======
child                  type                                 when
=====================  ===================================  ======
``NAME``               gcp:vertex/aiEndpoint:AiEndpoint     always
``NAME-V-model``       mlgap:gcp:Model                      always
``NAME-deployments``   mlgap:gcp:EndpointDeployments        always
=====================  ===================================  ======

A private endpoint is reached through Private Service Connect: Vertex AI makes the address in the
network that is named, where that network lets it (docs/guide/gcp.md). Any other has a public host
name of its own.

The endpoint itself is the ordinary provider's; it never sets ``trafficSplit``, so it leaves the
split to the one resource that owns all deployed models (docs/adr/0008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place
from mlplatform.catalog import gcp as catalog
from mlplatform.gaps.sdk import gcp as mlgap

_ONLINE = "aiplatform.googleapis.com/prediction/online"
METRICS = {
    "cpu_percent": f"{_ONLINE}/cpu/utilization",
    "gpu_duty_cycle_percent": f"{_ONLINE}/accelerator/duty_cycle",
    "requests_per_replica_per_minute": f"{_ONLINE}/request_count",
}
"""Target in the spec -> metric (aiplatform AutoscalingMetricSpec.metricName)."""


@dataclass(frozen=True, kw_only=True)
class ScaleToZeroArgs:
    """When a variant without requests gives its last replica back."""

    idle_s: int
    """300 to 28800."""
    min_up_s: int
    """300 to 28800."""


@dataclass(frozen=True, kw_only=True)
class VariantArgs:
    """One deployed model, scaled on its own."""

    name: str
    weight: int
    """Percent of the traffic; all variants together have 100."""
    min_replicas: int
    max_replicas: int
    image_uri: str
    artifact_uri: pulumi.Input[str] | None
    """``gs://`` folder; None for a container that brings its model."""
    environment: Mapping[str, str] = field(default_factory=dict)
    scale_to_zero: ScaleToZeroArgs | None = None
    """Goes with min_replicas of 0."""

    def __post_init__(self) -> None:
        least = 1 if self.scale_to_zero is None else 0
        if not least <= self.min_replicas <= self.max_replicas:
            raise ValueError(
                f"variant {self.name}: need {least} <= min_replicas <= max_replicas, got "
                f"{self.min_replicas}..{self.max_replicas}"
            )


@dataclass(frozen=True, kw_only=True)
class LoggingArgs:
    """Requests and answers that are kept."""

    table: str
    """``bq://PROJECT.DATASET.TABLE``, which exists."""
    sampling_rate: float
    """Share of the requests, above 0 and at most 1."""


@dataclass(frozen=True, kw_only=True)
class RolloutArgs:
    """How a new model takes over from the one of its variant."""

    strategy: str
    """``canary`` or ``linear``."""
    step_percent: int
    wait_s: int


@dataclass(frozen=True, kw_only=True)
class EndpointArgs:
    """What a caller decides. Plain values shape the graph; ``Input`` values flow through it."""

    place: Place
    endpoint_id: str
    """Up to 63 lower-case letters, digits and dashes, first a letter; models are named by it."""
    service_account: str
    machine_type: str
    accelerator_type: str | None
    accelerator_count: int
    target_metric: str
    """A key of METRICS."""
    target_value: int
    key_name: pulumi.Input[str]
    """Encrypts models and endpoint. Required: there is no unencrypted mode."""
    variants: Sequence[VariantArgs]
    version_aliases: Sequence[str] = ()
    """Names that point to the served version of each model."""
    pool: str | None = None
    """``projects/P/locations/L/deploymentResourcePools/R`` whose machines the variants share: then
    bounds, target and account are the pool's."""
    network: str | None = None
    """``projects/P/global/networks/N`` to be private in; None for a public host name."""
    logging: LoggingArgs | None = None
    rollout: RolloutArgs | None = None
    """At once when left out."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [variant.name for variant in self.variants]
        if not names or len(names) != len(set(names)):
            raise ValueError(f"variants: got {names}, allowed: one or more, each name once")
        weights = [variant.weight for variant in self.variants]
        if sum(weights) != 100:
            raise ValueError(f"variants: weights {weights} add up to {sum(weights)}, not 100")
        if self.target_metric not in METRICS:
            raise ValueError(
                f"target_metric: got {self.target_metric!r}, allowed: {', '.join(METRICS)}"
            )
        if catalog.machine(self.machine_type) is None:
            raise ValueError(f"machine_type: Vertex AI prediction has no {self.machine_type}")


class Endpoint(MlComponent):
    """One endpoint, one or several deployed models, each scaled on its own."""

    kind = "gcp:Endpoint"

    endpoint_name: str
    """``projects/P/locations/L/endpoints/E``; known at preview."""
    endpoint_url: pulumi.Output[str] | None
    """Where predictions are asked for: the endpoint's own host name. None for a private one, whose
    address Vertex AI makes in the network when a model is up."""
    served_name: pulumi.Output[str]
    """The endpoint's name for what goes before its deployments do, such as monitoring."""
    deployed_model_ids: pulumi.Output[Mapping[str, str]]
    """Variant to Vertex AI's id; known once the models are deployed."""
    versions: Mapping[str, pulumi.Output[str]]
    """Variant to ``projects/P/locations/L/models/M@VERSION``."""

    def __init__(
        self,
        name: str,
        args: EndpointArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        place, labels = args.place, dict(args.labels)
        self.endpoint_name = place.endpoint(args.endpoint_id)
        endpoint = gcp.vertex.AiEndpoint(
            name,
            name=args.endpoint_id,
            display_name=args.endpoint_id,
            project=place.project,
            location=place.region,
            region=place.region,
            dedicated_endpoint_enabled=None if args.network else True,
            private_service_connect_config=_private(args.network) if args.network else None,
            predict_request_response_logging_config=_logging(args.logging)
            if args.logging
            else None,
            encryption_spec=gcp.vertex.AiEndpointEncryptionSpecArgs(kms_key_name=args.key_name),
            labels=labels,
            opts=self._opts(depends_on=after),
        )
        models = {
            variant.name: mlgap.Model(
                self._child(variant.name, "model"),
                model_id=f"{args.endpoint_id}-{variant.name}",
                display_name=f"{args.endpoint_id} {variant.name}",
                image_uri=variant.image_uri,
                artifact_uri=variant.artifact_uri,
                environment=dict(variant.environment) or None,
                version_aliases=list(args.version_aliases) or None,
                kms_key_name=args.key_name,
                labels=labels,
                opts=self._opts(depends_on=after),
            )
            for variant in args.variants
        }
        deployments = mlgap.EndpointDeployments(
            self._child("deployments"),
            # From the endpoint itself: where that is replaced, what is on it goes first.
            endpoint=endpoint.name.apply(place.endpoint),
            deployments={
                variant.name: mlgap.DeploymentArgs(
                    model=models[variant.name].version_name,
                    pool=args.pool,
                    traffic=variant.weight,
                )
                if args.pool is not None
                else mlgap.DeploymentArgs(
                    model=models[variant.name].version_name,
                    machine_type=args.machine_type,
                    accelerator_type=args.accelerator_type,
                    accelerator_count=args.accelerator_count or None,
                    min_replicas=variant.min_replicas,
                    max_replicas=variant.max_replicas,
                    targets={METRICS[args.target_metric]: args.target_value},
                    traffic=variant.weight,
                    service_account=args.service_account,
                    scale_to_zero=mlgap.ScaleToZeroArgs(
                        idle_s=variant.scale_to_zero.idle_s,
                        min_up_s=variant.scale_to_zero.min_up_s,
                    )
                    if variant.scale_to_zero
                    else None,
                )
                for variant in args.variants
            },
            rollout=mlgap.RolloutArgs(
                strategy=args.rollout.strategy,
                step_percent=args.rollout.step_percent,
                wait_s=args.rollout.wait_s,
            )
            if args.rollout
            else None,
            opts=self._opts(depends_on=[endpoint, *after]),
        )
        self.versions = {name: model.version_name for name, model in models.items()}
        self.served_name = deployments.endpoint
        self.deployed_model_ids = deployments.deployed_model_ids
        self.endpoint_url = (
            None
            if args.network
            else endpoint.dedicated_endpoint_dns.apply(
                lambda host: f"https://{host}/v1/{self.endpoint_name}:predict"
            )
        )
        self.register_outputs(
            {"endpoint_name": self.endpoint_name, "endpoint_url": self.endpoint_url}
        )


def _private(network: str) -> gcp.vertex.AiEndpointPrivateServiceConnectConfigArgs:
    """Reachable from one network, whose project alone may connect."""
    project = network.split("/")[1]
    return gcp.vertex.AiEndpointPrivateServiceConnectConfigArgs(
        enable_private_service_connect=True,
        project_allowlists=[project],
        psc_automation_configs=[
            gcp.vertex.AiEndpointPrivateServiceConnectConfigPscAutomationConfigArgs(
                project_id=project, network=network
            )
        ],
    )


def _logging(
    logging: LoggingArgs,
) -> gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigArgs:
    destination = gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigBigqueryDestinationArgs(
        output_uri=logging.table
    )
    return gcp.vertex.AiEndpointPredictRequestResponseLoggingConfigArgs(
        enabled=True, sampling_rate=logging.sampling_rate, bigquery_destination=destination
    )
