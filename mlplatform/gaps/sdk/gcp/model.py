"""``mlgap:gcp:Model``: a model in Vertex AI's registry, whose changes are new versions."""

from collections.abc import Mapping, Sequence
from typing import Required, TypedDict, Unpack

import pulumi

from mlplatform.gaps.sdk.resource import GapResource, Labels, Shown


class ModelArgs(TypedDict, total=False):
    """Arguments of a registered model.

    Args:
        model_id: up to 63 of ``[a-z0-9_-]``, first a letter or ``_``. Another id is another model.
        display_name: at most 128 characters.
        image_uri: the serving container, in Artifact Registry.
        artifact_uri: ``gs://`` folder with the model's files; None for a container that needs none.
        environment: variables of the container.
        predict_route, health_route, port: where the container listens; None: Vertex AI's usual.
        version_aliases: names of the newest version beside ``default``.
        description: what the model is for.
        kms_key_name: key that encrypts the model; another key is another model.
        labels: lower-case keys and values; ``mlgap-owner`` is taken.
    """

    model_id: Required[pulumi.Input[str]]
    display_name: Required[pulumi.Input[str]]
    image_uri: Required[pulumi.Input[str]]
    artifact_uri: pulumi.Input[str] | None
    environment: Labels | None
    predict_route: pulumi.Input[str] | None
    health_route: pulumi.Input[str] | None
    port: pulumi.Input[int] | None
    version_aliases: pulumi.Input[Sequence[pulumi.Input[str]]] | None
    description: pulumi.Input[str] | None
    kms_key_name: pulumi.Input[str] | None
    labels: Labels | None


class Model(GapResource):
    """A registered model and its newest version.

    A change of image, artifact, environment, routes or port uploads a new version under the same
    model id and makes it the default; older versions stay until the model is deleted. The import
    id is the model's name or id.
    """

    TOKEN = "mlgap:gcp:Model"
    ARGS = ModelArgs

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        **args: Unpack[ModelArgs],
    ) -> None:
        super().__init__(resource_name, opts, **args)

    name = Shown[str]()
    """``projects/P/locations/L/models/M``; known at preview."""
    version_id = Shown[str]()
    """The number of the version that is made of these arguments."""
    version_name = Shown[str]()
    """``name@version_id``: what a deployment must name, so that it follows new versions."""
    model_id = Shown[str]()
    display_name = Shown[str]()
    image_uri = Shown[str]()
    artifact_uri = Shown[str | None]()
    environment = Shown[Mapping[str, str] | None]()
    predict_route = Shown[str | None]()
    health_route = Shown[str | None]()
    port = Shown[int | None]()
    version_aliases = Shown[Sequence[str] | None]()
    description = Shown[str | None]()
    kms_key_name = Shown[str | None]()
    labels = Shown[Mapping[str, str] | None]()
