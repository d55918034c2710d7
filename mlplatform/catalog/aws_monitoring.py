"""What SageMaker Model Monitor and Clarify offer: images, metrics, and to whom."""

from __future__ import annotations

from datetime import date

AS_OF = date(2026, 11, 21)
SOURCE = (
    "Images: image tables of the SageMaker Python SDK (image_uri_config/model-monitor.json and "
    "clarify.json). Metrics: SageMaker guide, Model quality metrics; Clarify, Measure bias. "
    "Closing: notes in both guides, 2026."
)

CLOSED_TO_NEW_ACCOUNTS = date(2026, 7, 30)
"""Model Monitor and Clarify take no new customers; accounts that used them go on."""

_ANALYZER = {
    "ap-east-1": "001633400207",
    "ap-northeast-1": "574779866223",
    "ap-northeast-2": "709848358524",
    "ap-south-1": "126357580389",
    "ap-southeast-1": "245545462676",
    "ap-southeast-2": "563025443158",
    "ca-central-1": "536280801234",
    "cn-north-1": "453000072557",
    "cn-northwest-1": "453252182341",
    "eu-central-1": "048819808253",
    "eu-north-1": "895015795356",
    "eu-west-1": "468650794304",
    "eu-west-2": "749857270468",
    "eu-west-3": "680080141114",
    "me-south-1": "607024016150",
    "sa-east-1": "539772159869",
    "us-east-1": "156813124566",
    "us-east-2": "777275614652",
    "us-west-1": "890145073186",
    "us-west-2": "159807026194",
}
_CLARIFY = {
    "af-south-1": "811711786498",
    "ap-east-1": "098760798382",
    "ap-northeast-1": "377024640650",
    "ap-northeast-2": "263625296855",
    "ap-northeast-3": "364406365360",
    "ap-south-1": "452307495513",
    "ap-southeast-1": "834264404009",
    "ap-southeast-2": "007051062584",
    "ca-central-1": "675030665977",
    "cn-north-1": "122526803553",
    "cn-northwest-1": "122578899357",
    "eu-central-1": "017069133835",
    "eu-north-1": "763603941244",
    "eu-south-1": "638885417683",
    "eu-west-1": "131013547314",
    "eu-west-2": "440796970383",
    "eu-west-3": "341593696636",
    "me-south-1": "835444307964",
    "sa-east-1": "520018980103",
    "us-east-1": "205585389593",
    "us-east-2": "211330385671",
    "us-west-1": "740489534195",
    "us-west-2": "306415355426",
}
"""Region to the account of the registry."""

QUALITY_METRICS: dict[str, dict[str, str]] = {
    "binary": {
        **dict.fromkeys(
            ("accuracy", "auc", "f0_5", "f1", "f2", "precision", "recall"), "LessThanThreshold"
        ),
        **dict.fromkeys(("false_negative_rate", "false_positive_rate"), "GreaterThanThreshold"),
    },
    "multiclass": dict.fromkeys(
        (
            *("accuracy", "weighted_f0_5", "weighted_f1", "weighted_f2"),
            *("weighted_precision", "weighted_recall"),
        ),
        "LessThanThreshold",
    ),
    "regression": {
        **dict.fromkeys(("mae", "mse", "rmse"), "GreaterThanThreshold"),
        "r2": "LessThanThreshold",
    },
}
"""Metrics of model quality by what is predicted, and which side of a threshold is bad."""

BIAS_METRICS = frozenset(
    {
        *("AD", "CDDPL", "DAR", "DCA", "DCR", "DI", "DPPL", "DRR", "FT", "GE", "RD", "SD", "TE"),
    }
)
"""Clarify's post-training metrics that monitoring jobs publish."""


def analyzer_image(region: str) -> str | None:
    """Model Monitor's own container, for data and model quality."""
    return _image(_ANALYZER, region, "sagemaker-model-monitor-analyzer")


def clarify_image(region: str) -> str | None:
    """Clarify's container, for bias and attribution."""
    return _image(_CLARIFY, region, "sagemaker-clarify-processing:1.0")


def _image(accounts: dict[str, str], region: str, repository: str) -> str | None:
    account = accounts.get(region)
    if account is None:
        return None
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{suffix}/{repository}"
