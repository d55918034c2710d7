"""Requests and answers that a deployment keeps: where they lie, and the collector's settings.

Creates, for an endpoint component named ``NAME`` and each variant ``V``:

==========================  ===============================================  =========
child                       type                                             when
==========================  ===============================================  =========
``NAME-V-model-inputs``     azure-native:machinelearningservices:DataVersion  always
``NAME-V-model-outputs``    azure-native:machinelearningservices:DataVersion  always
==========================  ===============================================  =========

They lie in a container of their own, which the endpoint's identity writes and monitoring reads.
The path belongs to the variant, not to the deployment: what one colour collected is found beside
what the next one collects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices

from components.azure.workspace import Workspace

COLLECTIONS = ("model_inputs", "model_outputs")
"""Names that Azure ML's own monitoring looks for (learn.microsoft.com, Collect production data)."""
PACKAGE = "azureml-ai-monitoring==1.0.0"
"""What the scoring program collects with (PyPI)."""
SWITCH = "MLP_CAPTURE"
"""Environment variable that tells the scoring program to collect."""
ROLLING_RATE = "Hour"


@dataclass(frozen=True, kw_only=True)
class CaptureArgs:
    """What is kept of the requests of every variant."""

    sampling_percent: float
    workload: str
    """First part of the path."""

    def __post_init__(self) -> None:
        if not 0 < self.sampling_percent <= 100:
            raise ValueError(
                f"sampling_percent: got {self.sampling_percent}, allowed: above 0, to 100"
            )


@dataclass(kw_only=True)
class Captured:
    """Data assets of one variant, by collection."""

    assets: Mapping[str, machinelearningservices.DataVersion]
    uris: Mapping[str, str]
    """Known at preview."""

    def collector(self, args: CaptureArgs) -> dict[str, Any]:
        """``dataCollector`` of a deployment, in Azure's own words."""
        return {
            "collections": {
                name: {
                    "dataCollectionMode": "Enabled",
                    "dataId": asset.id,
                    "samplingRate": args.sampling_percent / 100,
                }
                for name, asset in self.assets.items()
            },
            "rollingRate": ROLLING_RATE,
        }


def captured(
    variant: str,
    args: CaptureArgs,
    *,
    workspace: Workspace,
    asset_name: str,
    child: Callable[..., str],
    opts: pulumi.ResourceOptions,
) -> Captured:
    """Register where one variant's requests and answers go."""
    assets, uris = {}, {}
    for name in COLLECTIONS:
        dashed = name.replace("_", "-")
        uris[name] = workspace.captured_uri(f"{args.workload}/{variant}/{name}")
        assets[name] = machinelearningservices.DataVersion(
            child(variant, dashed),
            resource_group_name=workspace.place.resource_group,
            workspace_name=workspace.workspace_name,
            name=f"{asset_name}-{variant}-{dashed}",
            version="1",
            properties=machinelearningservices.UriFolderDataVersionArgs(
                data_type="uri_folder", data_uri=uris[name]
            ),
            opts=opts,
        )
    return Captured(assets=assets, uris=uris)
