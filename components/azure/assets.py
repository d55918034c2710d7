"""Models, environments and code of one workload in a workspace.

Versions of assets are immutable, and a replacement would delete the old one while its deployment
still uses it. So each content is a child of its own, named by its hash: the new one comes first and
the old one goes last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_azure_native import machinelearningservices

from components.azure.workspace import Workspace

ASSET_HASH = 12


@dataclass(frozen=True, kw_only=True)
class ScoringArgs:
    """Code that serves artifacts in SageMaker's form; see ``scoring/score.py``."""

    code_uri: str
    """Folder in blob storage that holds it."""
    script: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One version in the workspace."""

    id: str
    """Known at preview."""
    made: pulumi.Resource
    """What has to be there before the id means anything."""


@dataclass(kw_only=True)
class Assets:
    """Registers each content once."""

    workspace: Workspace
    name: str
    """First part of the names in the workspace."""
    child: Callable[..., str]
    """Logical name of a child of the component that the assets belong to."""
    opts: pulumi.ResourceOptions
    _environments: dict[str, Asset] = field(default_factory=dict)

    def model(self, variant: str, model_uri: str, content_hash: str) -> Asset:
        """One version of a variant's model."""
        name, version = f"{self.name}-{variant}", content_hash[:ASSET_HASH]
        made = machinelearningservices.ModelVersion(
            self.child(variant, "model", version),
            resource_group_name=self.workspace.place.resource_group,
            workspace_name=self.workspace.workspace_name,
            name=name,
            version=version,
            properties=machinelearningservices.ModelVersionPropertiesArgs(
                model_uri=model_uri, model_type="custom_model"
            ),
            opts=self.opts,
        )
        return self._asset("models", name, version, made)

    def environment(self, image_uri: str, pip_packages: Sequence[str]) -> Asset:
        """One for each image and set of packages, shared by the variants that have both alike."""
        conda = conda_file(pip_packages) if pip_packages else None
        version = environment_version(image_uri, pip_packages)
        if version not in self._environments:
            made = machinelearningservices.EnvironmentVersion(
                self.child("env", version),
                resource_group_name=self.workspace.place.resource_group,
                workspace_name=self.workspace.workspace_name,
                name=self.name,
                version=version,
                properties=machinelearningservices.EnvironmentVersionPropertiesArgs(
                    image=image_uri, conda_file=conda, os_type="Linux"
                ),
                opts=self.opts,
            )
            self._environments[version] = self._asset("environments", self.name, version, made)
        return self._environments[version]

    def code(self, scoring: ScoringArgs) -> Asset:
        """The scoring program."""
        version = scoring.sha256[:ASSET_HASH]
        made = machinelearningservices.CodeVersion(
            self.child("code", version),
            resource_group_name=self.workspace.place.resource_group,
            workspace_name=self.workspace.workspace_name,
            name=self.name,
            version=version,
            properties=machinelearningservices.CodeVersionPropertiesArgs(
                code_uri=scoring.code_uri,
                properties={"hash_sha256": scoring.sha256, "hash_version": "202208"},
            ),
            opts=self.opts,
        )
        return self._asset("codes", self.name, version, made)

    def _asset(self, kind: str, name: str, version: str, made: pulumi.Resource) -> Asset:
        return Asset(
            id=f"{self.workspace.workspace_id}/{kind}/{name}/versions/{version}", made=made
        )


def conda_file(packages: Sequence[str]) -> str:
    """The environment's packages as the conda file that Azure ML builds an image from."""
    return json.dumps(
        {
            "name": "serving",
            "channels": ["conda-forge"],
            "dependencies": ["python=3.9", "pip", {"pip": list(packages)}],
        },
        indent=1,
    )


def environment_version(image_uri: str, pip_packages: Sequence[str]) -> str:
    """Another image or package, another version."""
    conda = conda_file(pip_packages) if pip_packages else ""
    return digest(image_uri, conda)


def digest(*parts: str) -> str:
    """A short hash of all parts together."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ASSET_HASH]
