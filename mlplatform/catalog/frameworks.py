"""Framework and version -> the vendor's prebuilt serving image, per cloud.

``None`` means that the vendor has no such image: give ``model.image`` instead. Versions are
written as users write them, major and minor (``"2.0"``); the tables hold the vendor's own tag.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from mlplatform.catalog import regions

AS_OF = date(2026, 11, 21)
SOURCE = (
    "SageMaker: image tables of the SageMaker Python SDK (image_uri_config/pytorch.json and "
    "sklearn.json). Vertex AI: google-cloud-aiplatform 2.7.0, constants/prediction.py. Azure ML: "
    '"Docker images for inference", text of 2025-09-24.'
)

FRAMEWORKS = ("pytorch", "scikit-learn")

_AWS_PYTORCH = {
    "2.0": "2.0.1-{processor}-py310",
    "2.1": "2.1.0-{processor}-py310",
    "2.2": "2.2.0-{processor}-py310",
    "2.3": "2.3.0-{processor}-py311",
    "2.4": "2.4.0-{processor}-py311",
    "2.5": "2.5.1-{processor}-py311",
    "2.6": "2.6.0-{processor}-py312",
}
_AWS_SKLEARN = {"0.23": "0.23-1-cpu-py3", "1.0": "1.0-1-cpu-py3", "1.2": "1.2-1-cpu-py3"}
_AWS_DEEP_LEARNING_ACCOUNT = "763104351884"
_AWS_DEEP_LEARNING_ELSEWHERE = {
    "af-south-1": "626614931356",
    "ap-east-1": "871362719292",
    "ap-northeast-3": "364406365360",
    "ap-south-2": "772153158452",
    "ap-southeast-3": "907027046896",
    "ap-southeast-4": "457447274322",
    "ca-west-1": "204538143572",
    "cn-north-1": "727897471807",
    "cn-northwest-1": "727897471807",
    "eu-central-2": "380420809688",
    "eu-south-1": "692866216735",
    "eu-south-2": "503227376785",
    "il-central-1": "780543022126",
    "me-central-1": "914824155844",
    "me-south-1": "217643126080",
}
"""Regions whose registry of deep-learning images has an account of its own."""
_AWS_DEEP_LEARNING_COMMON = frozenset(
    {
        *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
        *("ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    }
)
_AWS_SKLEARN_ACCOUNTS = {
    "af-south-1": "510948584623",
    "ap-east-1": "651117190479",
    "ap-northeast-1": "354813040037",
    "ap-northeast-2": "366743142698",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "720646828776",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "121021644041",
    "ap-southeast-2": "783357654285",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "341280168497",
    "cn-north-1": "450853457545",
    "cn-northwest-1": "451049120500",
    "eu-central-1": "492215442770",
    "eu-central-2": "680994064768",
    "eu-north-1": "662702820516",
    "eu-south-1": "978288397137",
    "eu-south-2": "104374241257",
    "eu-west-1": "141502667606",
    "eu-west-2": "764974769150",
    "eu-west-3": "659782779980",
    "me-central-1": "272398656194",
    "me-south-1": "801668240914",
    "sa-east-1": "737474898029",
    "us-east-1": "683313688378",
    "us-east-2": "257758044811",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "414596584902",
    "us-west-1": "746614075791",
    "us-west-2": "246618743249",
}

_GCP_PYTORCH = frozenset({"1.11", "1.12", "1.13", "2.0", "2.1", "2.2", "2.3", "2.4"})
_GCP_SKLEARN = frozenset({"0.20", "0.22", "0.23", "0.24", "1.0", "1.2", "1.3", "1.4", "1.5", "1.6"})

_AZURE_CPU = "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:latest"
_AZURE_GPU = "mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cuda11.8-gpu-inference:latest"
_AZURE_PACKAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "pytorch": {
        "2.0": ("torch==2.0.1", "numpy==1.24.4"),
        "2.1": ("torch==2.1.2", "numpy==1.24.4"),
        "2.2": ("torch==2.2.2", "numpy==1.24.4"),
        "2.3": ("torch==2.3.1", "numpy==1.26.4"),
        "2.4": ("torch==2.4.1", "numpy==1.26.4"),
    },
    "scikit-learn": {
        "1.0": ("scikit-learn==1.0.2", "numpy==1.22.4"),
        "1.2": ("scikit-learn==1.2.2", "numpy==1.24.4"),
        "1.3": ("scikit-learn==1.3.2", "numpy==1.24.4"),
        "1.4": ("scikit-learn==1.4.2", "numpy==1.26.4"),
        "1.5": ("scikit-learn==1.5.2", "numpy==1.26.4"),
        "1.6": ("scikit-learn==1.6.1", "numpy==1.26.4"),
    },
}
"""Azure ML has base images only; the environment adds these (releases that support Python 3.9)."""
_AZURE_SERVER = "azureml-inference-server-http"


@dataclass(frozen=True, kw_only=True)
class ServingImage:
    """What a serving container is started from."""

    image_uri: str
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that the vendor's image needs to find the handler."""
    pip_packages: tuple[str, ...] = ()
    """What has to be installed on top; empty where the image is complete."""


_AWS_HANDLER = {
    "pytorch": {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    },
    "scikit-learn": {
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model",
    },
}
"""Where the handler lies in ``model.tar.gz``: ``code/inference.py``, or ``inference.py``. A local
folder, because containers run without network (SageMaker inference toolkit, local submit folder).
"""


def aws(framework: str, version: str, *, region: str, gpu: bool) -> ServingImage | None:
    """SageMaker's image in the registry of ``region``; scikit-learn images are CPU only."""
    registry: str | None
    if framework == "pytorch":
        tag = _AWS_PYTORCH.get(version, "").format(processor="gpu" if gpu else "cpu")
        repository = "pytorch-inference"
        registry = _AWS_DEEP_LEARNING_ELSEWHERE.get(region)
        if registry is None and region in _AWS_DEEP_LEARNING_COMMON:
            registry = _AWS_DEEP_LEARNING_ACCOUNT
    elif framework == "scikit-learn":
        tag, repository = _AWS_SKLEARN.get(version, ""), "sagemaker-scikit-learn"
        registry = _AWS_SKLEARN_ACCOUNTS.get(region)
    else:
        return None
    if not tag or registry is None:
        return None
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return ServingImage(
        image_uri=f"{registry}.dkr.ecr.{region}.{suffix}/{repository}:{tag}",
        environment=dict(_AWS_HANDLER[framework]),
    )


def aws_training(framework: str, version: str, *, region: str, gpu: bool) -> str | None:
    """SageMaker's training image in the registry of ``region``; scikit-learn has one for both."""
    found = aws(framework, version, region=region, gpu=gpu)
    if found is None:
        return None
    return found.image_uri.replace("/pytorch-inference:", "/pytorch-training:")


def gcp(framework: str, version: str, *, region: str, gpu: bool) -> ServingImage | None:
    """Vertex AI's image in the multi-region nearest to ``region``."""
    dashed = version.replace(".", "-")
    if framework == "pytorch" and version in _GCP_PYTORCH:
        name = f"pytorch-{'gpu' if gpu else 'cpu'}.{dashed}"
    elif framework == "scikit-learn" and version in _GCP_SKLEARN and not gpu:
        # "Configure compute resources for prediction": no GPU with its prebuilt containers.
        name = f"sklearn-cpu.{dashed}"
    else:
        return None
    place = regions.gcp_multi_region(region)
    return ServingImage(image_uri=f"{place}-docker.pkg.dev/vertex-ai/prediction/{name}:latest")


def azure(framework: str, version: str, *, gpu: bool) -> ServingImage | None:
    """Azure ML's minimal inference image and the packages that make it serve the framework."""
    packages = _AZURE_PACKAGES.get(framework, {}).get(version)
    if packages is None:
        return None
    return ServingImage(
        image_uri=_AZURE_GPU if gpu and framework == "pytorch" else _AZURE_CPU,
        pip_packages=(_AZURE_SERVER, *packages),
    )


def versions(framework: str, cloud: str) -> tuple[str, ...]:
    """Versions of ``framework`` that ``cloud`` has an image for, oldest first."""
    tables: dict[tuple[str, str], Collection[str]] = {
        ("pytorch", "aws"): _AWS_PYTORCH,
        ("scikit-learn", "aws"): _AWS_SKLEARN,
        ("pytorch", "gcp"): _GCP_PYTORCH,
        ("scikit-learn", "gcp"): _GCP_SKLEARN,
        ("pytorch", "azure"): _AZURE_PACKAGES["pytorch"],
        ("scikit-learn", "azure"): _AZURE_PACKAGES["scikit-learn"],
    }
    found = tables.get((framework, cloud), ())
    return tuple(sorted(found, key=lambda text: tuple(map(int, text.split(".")))))
