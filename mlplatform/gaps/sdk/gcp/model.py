"""``mlgap:gcp:Model``: a model in Vertex AI's registry, whose changes are new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi

from mlplatform.gaps.sdk.options import with_version

TOKEN = "mlgap:gcp:Model"


class Model(pulumi.CustomResource):
    """A registered model and its newest version.

    A change of image, artifact, environment, routes or port uploads a new version under the same
    model id and makes it the default; older versions stay until the model is deleted. The import
    id is the model's name or id.

    Args:
        model_id: up to 63 of ``[a-z0-9_-]``, first a letter or ``_``. Another id is another model.
        display_name: at most 128 characters.
        image_uri: the serving container, in Artifact Registry.
        artifact_uri: ``gs://`` folder with the model's files; None for a container that needs none.
        environment: variables of the container.
        predict_route, health_route, port: where the container listens; None: Vertex AI's usual.
        version_aliases: names of the newest version beside ``default``.
        kms_key_name: key that encrypts the model; another key is another model.
        labels: lower-case keys and values; ``mlgap-owner`` is taken.
    """

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        model_id: pulumi.Input[str] | None = None,
        display_name: pulumi.Input[str] | None = None,
        image_uri: pulumi.Input[str] | None = None,
        artifact_uri: pulumi.Input[str] | None = None,
        environment: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        predict_route: pulumi.Input[str] | None = None,
        health_route: pulumi.Input[str] | None = None,
        port: pulumi.Input[int] | None = None,
        version_aliases: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        description: pulumi.Input[str] | None = None,
        kms_key_name: pulumi.Input[str] | None = None,
        labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
    ) -> None:
        needed = {"model_id": model_id, "display_name": display_name, "image_uri": image_uri}
        missing = [name for name, value in needed.items() if value is None]
        existing = opts is not None and (opts.id is not None or opts.urn is not None)
        if missing and not existing:
            raise TypeError(f"{TOKEN} {resource_name!r} needs {' and '.join(missing)}")
        properties: dict[str, Any] = {
            "modelId": model_id,
            "displayName": display_name,
            "imageUri": image_uri,
            "artifactUri": artifact_uri,
            "environment": environment,
            "predictRoute": predict_route,
            "healthRoute": health_route,
            "port": port,
            "versionAliases": version_aliases,
            "description": description,
            "kmsKeyName": kms_key_name,
            "labels": labels,
            "name": None,
            "versionId": None,
            "versionName": None,
        }
        # camelCase from here on, in and out: the SDK translates names of declared input types only.
        super().__init__(TOKEN, resource_name, properties, with_version(opts))

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],  # noqa: A002 - as in every Pulumi resource class
        opts: pulumi.ResourceOptions | None = None,
    ) -> Model:
        """Read the existing model with the name or id ``id``, without owning it."""
        found = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return Model(resource_name, found)

    @property
    def name(self) -> pulumi.Output[str]:
        """``projects/P/locations/L/models/M``; known at preview."""
        return cast("pulumi.Output[str]", pulumi.get(self, "name"))

    @property
    def version_id(self) -> pulumi.Output[str]:
        """The number of the version that is made of these arguments."""
        return cast("pulumi.Output[str]", pulumi.get(self, "versionId"))

    @property
    def version_name(self) -> pulumi.Output[str]:
        """``name@version_id``: what a deployment must name, so that it follows new versions."""
        return cast("pulumi.Output[str]", pulumi.get(self, "versionName"))

    @property
    def model_id(self) -> pulumi.Output[str]:
        """The model's own id."""
        return cast("pulumi.Output[str]", pulumi.get(self, "modelId"))

    @property
    def display_name(self) -> pulumi.Output[str]:
        """What people see."""
        return cast("pulumi.Output[str]", pulumi.get(self, "displayName"))

    @property
    def image_uri(self) -> pulumi.Output[str]:
        """The serving container."""
        return cast("pulumi.Output[str]", pulumi.get(self, "imageUri"))

    @property
    def artifact_uri(self) -> pulumi.Output[str | None]:
        """The folder with the model's files."""
        return cast("pulumi.Output[str | None]", pulumi.get(self, "artifactUri"))

    @property
    def environment(self) -> pulumi.Output[Mapping[str, str] | None]:
        """Variables of the container."""
        return cast("pulumi.Output[Mapping[str, str] | None]", pulumi.get(self, "environment"))

    @property
    def predict_route(self) -> pulumi.Output[str | None]:
        """Where the container takes predictions."""
        return cast("pulumi.Output[str | None]", pulumi.get(self, "predictRoute"))

    @property
    def health_route(self) -> pulumi.Output[str | None]:
        """Where the container tells that it is up."""
        return cast("pulumi.Output[str | None]", pulumi.get(self, "healthRoute"))

    @property
    def port(self) -> pulumi.Output[int | None]:
        """Where the container listens."""
        return cast("pulumi.Output[int | None]", pulumi.get(self, "port"))

    @property
    def version_aliases(self) -> pulumi.Output[Sequence[str] | None]:
        """Names of the newest version."""
        return cast("pulumi.Output[Sequence[str] | None]", pulumi.get(self, "versionAliases"))

    @property
    def description(self) -> pulumi.Output[str | None]:
        """What the model is for."""
        return cast("pulumi.Output[str | None]", pulumi.get(self, "description"))

    @property
    def kms_key_name(self) -> pulumi.Output[str | None]:
        """The key that encrypts the model."""
        return cast("pulumi.Output[str | None]", pulumi.get(self, "kmsKeyName"))

    @property
    def labels(self) -> pulumi.Output[Mapping[str, str] | None]:
        """The labels that the program declares."""
        return cast("pulumi.Output[Mapping[str, str] | None]", pulumi.get(self, "labels"))
