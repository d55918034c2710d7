"""The trained model, its image, and other files that a workload brings."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlplatform.spec.models.base import VERSION_PATTERN, StrictModel


class PerCloudModel(StrictModel):
    """One value for each cloud."""

    aws: str | None = Field(None, description="On AWS.")
    gcp: str | None = Field(None, description="On Google Cloud.")
    azure: str | None = Field(None, description="On Azure.")


class ModelModel(StrictModel):
    """What is served."""

    framework: Literal["pytorch", "scikit-learn"] | None = Field(
        None, description="Chooses the vendor's prebuilt image; or give `image`."
    )
    version: str | None = Field(
        None,
        pattern=VERSION_PATTERN,
        description='The framework\'s version, in quotes: "2.0" is not 2.',
    )
    artifact: str | PerCloudModel | None = Field(
        None,
        description="What an endpoint serves; training needs none. A file or folder relative to "
        "the project, uploaded under a key with its content's hash; or a URI (s3://, gs://, "
        "azureml://); or one of these for each cloud.",
    )
    image: PerCloudModel | None = Field(
        None, description="Container image for each cloud, instead of the prebuilt one."
    )
