"""Reads the endpoints of stack dev back with the three vendors' own SDKs, and nothing of ours.

    ./mlp sandbox env --json > env.json && .venv/bin/python -W ignore examples/read_back.py env.json

Every address and credential is given through an option that the SDK documents.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = tuple[str, str, str, str, str, str, str]
HEAD: Line = ("cloud", "endpoint", "variant", "machine", "bounds", "target", "weight")


def aws(env: dict[str, Any]) -> Iterator[Line]:
    """boto3: ``endpoint_url`` and static credentials."""
    import boto3

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=env["endpoint_url"],
            region_name=env["region"],
            aws_access_key_id=env["access_key_id"],
            aws_secret_access_key=env["secret_access_key"],
        )

    sagemaker, scaling = client("sagemaker"), client("application-autoscaling")
    for listed in sagemaker.list_endpoints(SortBy="Name")["Endpoints"]:
        endpoint = sagemaker.describe_endpoint(EndpointName=listed["EndpointName"])
        config = sagemaker.describe_endpoint_config(
            EndpointConfigName=endpoint["EndpointConfigName"]
        )
        machines = {v["VariantName"]: v["InstanceType"] for v in config["ProductionVariants"]}
        for variant in endpoint["ProductionVariants"]:
            name = variant["VariantName"]
            scaled = f"endpoint/{endpoint['EndpointName']}/variant/{name}"
            (target,) = scaling.describe_scalable_targets(
                ServiceNamespace="sagemaker", ResourceIds=[scaled]
            )["ScalableTargets"]
            (policy,) = scaling.describe_scaling_policies(
                ServiceNamespace="sagemaker", ResourceId=scaled
            )["ScalingPolicies"]
            wanted = policy["TargetTrackingScalingPolicyConfiguration"]
            yield (
                "aws",
                endpoint["EndpointName"],
                name,
                machines[name],
                f"{target['MinCapacity']}..{target['MaxCapacity']}",
                f"{wanted['TargetValue']:g} invocations",
                f"{variant['CurrentWeight']:g}",
            )


def gcp(env: dict[str, Any]) -> Iterator[Line]:
    """google-cloud-aiplatform: ``api_endpoint``, ``api_transport`` and an access token."""
    from google.cloud import aiplatform
    from google.oauth2.credentials import Credentials

    aiplatform.init(
        project=env["project"],
        location=env["location"],
        api_endpoint=env["rest_endpoint"],
        api_transport="rest",
        credentials=Credentials(env["token"]),
    )
    endpoints = [*aiplatform.Endpoint.list(), *aiplatform.PrivateEndpoint.list()]
    for endpoint in sorted(endpoints, key=lambda e: str(e.name)):
        split = endpoint.traffic_split
        for model in endpoint.list_models():
            compute = model.dedicated_resources
            (metric,) = compute.autoscaling_metric_specs
            accelerator = compute.machine_spec.accelerator_type.name
            yield (
                "gcp",
                endpoint.name,
                model.display_name,
                compute.machine_spec.machine_type
                + (f" + {accelerator}" if compute.machine_spec.accelerator_count else ""),
                f"{compute.min_replica_count}..{compute.max_replica_count}",
                f"{metric.target} {metric.metric_name.split('/online/')[1]}",
                str(split.get(model.id, 0)),
            )


def azure(env: dict[str, Any]) -> Iterator[Line]:
    """azure-ai-ml and azure-mgmt-monitor: ``ARM_CLOUD_METADATA_URL``, ``base_url``, a token."""
    os.environ["ARM_CLOUD_METADATA_URL"] = env["metadata_url"]
    os.environ["REQUESTS_CA_BUNDLE"] = env["ca_certificate"]
    from azure.ai.ml import MLClient
    from azure.core.credentials import AccessToken
    from azure.mgmt.monitor import MonitorManagementClient

    class Static:
        """A credential that is a token."""

        def get_token(self, *scopes: str, **options: Any) -> AccessToken:
            del scopes, options
            return AccessToken(env["token"], 2**32)

    whole = MLClient(Static(), env["subscription_id"])
    monitor = MonitorManagementClient(
        Static(), env["subscription_id"], base_url=env["arm_endpoint"]
    )
    for workspace in whole.workspaces.list(scope="subscription"):
        group = workspace.resource_group
        client = MLClient(
            Static(),
            env["subscription_id"],
            group,
            workspace.name,
            enable_telemetry=False,
            show_progress=False,
        )
        settings = list(monitor.autoscale_settings.list_by_resource_group(group))
        yield from _azure_endpoints(client, settings)


def _azure_endpoints(client: Any, settings: list[Any]) -> Iterator[Line]:
    for endpoint in sorted(client.online_endpoints.list(), key=lambda e: str(e.name)):
        traffic = client.online_endpoints.get(endpoint.name).traffic
        for deployment in client.online_deployments.list(endpoint.name):
            (scaled,) = [
                s
                for s in settings
                if s.target_resource_uri.lower().endswith(
                    f"/onlineendpoints/{endpoint.name}/deployments/{deployment.name}".lower()
                )
            ]
            (profile,) = scaled.profiles
            rule = profile.rules[0].metric_trigger
            yield (
                "azure",
                endpoint.name,
                deployment.name,
                deployment.instance_type,
                f"{profile.capacity.minimum}..{profile.capacity.maximum}",
                f"{rule.threshold:g} {rule.metric_name}",
                str(traffic.get(deployment.name, 0)),
            )


def main(path: str) -> None:
    env = json.loads(Path(path).read_text())
    readers = {"aws": aws, "gcp": gcp, "azure": azure}
    lines = [line for cloud, read in readers.items() if cloud in env for line in read(env[cloud])]
    widths = [max(len(line[at]) for line in [HEAD, *lines]) for at in range(len(HEAD))]
    for line in [HEAD, *lines]:
        print(
            "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        )


if __name__ == "__main__":
    main(sys.argv[1])
