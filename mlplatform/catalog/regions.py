"""Regions of each cloud, and what some of them lack.

A region in a list has the machine-learning service; it may still lack a machine. What is known
of that: the zones with T4 and V100 of Google Cloud.
"""

from __future__ import annotations

from datetime import date

AS_OF = date(2026, 11, 21)
SOURCE = (
    "AWS: botocore 1.44.5, regions of SageMaker. Google Cloud: discovery document aiplatform.v1, "
    "revision 20261106; zones with T4 and V100 from the Compute Engine price catalogue. Azure: "
    "list of Azure regions, those with Azure Machine Learning."
)

AWS = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2"),
    *("ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2"),
    *("ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"),
    *("ca-central-1", "ca-west-1", "cn-north-1", "cn-northwest-1", "eu-central-1"),
    *("eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"),
    *("us-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2"),
)
GCP = (
    *("africa-south1", "asia-east1", "asia-east2", "asia-northeast1", "asia-northeast2"),
    *("asia-northeast3", "asia-south1", "asia-south2", "asia-southeast1", "asia-southeast2"),
    *("asia-southeast3", "australia-southeast1", "australia-southeast2", "europe-central2"),
    *("europe-north1", "europe-north2", "europe-southwest1", "europe-west1", "europe-west10"),
    *("europe-west12", "europe-west15", "europe-west2", "europe-west3", "europe-west4"),
    *("europe-west6", "europe-west8", "europe-west9", "me-central1", "me-central2", "me-west1"),
    *("northamerica-northeast1", "northamerica-northeast2", "southamerica-east1"),
    *("southamerica-west1", "us-central1", "us-central2", "us-east1", "us-east4", "us-east5"),
    *("us-east7", "us-south1", "us-west1", "us-west2", "us-west3", "us-west4", "us-west8"),
)
AZURE = (
    *("australiaeast", "australiasoutheast", "brazilsouth", "canadacentral", "canadaeast"),
    *("centralindia", "centralus", "eastasia", "eastus", "eastus2", "francecentral"),
    *("germanywestcentral", "italynorth", "japaneast", "japanwest", "koreacentral"),
    *("northcentralus", "northeurope", "norwayeast", "polandcentral", "qatarcentral"),
    *("southafricanorth", "southcentralus", "southeastasia", "southindia", "spaincentral"),
    *("swedencentral", "switzerlandnorth", "switzerlandwest", "uaenorth", "uksouth", "ukwest"),
    *("westcentralus", "westeurope", "westus", "westus2", "westus3"),
)

_GCP_WITH = {
    "V100": frozenset({"asia-east1", "europe-west4", "us-central1", "us-east1", "us-west1"}),
    "T4": frozenset(
        {
            *("asia-east1", "asia-east2", "asia-northeast1", "asia-northeast3", "asia-south1"),
            *("asia-southeast1", "asia-southeast2", "australia-southeast1", "europe-central2"),
            *("europe-west1", "europe-west2", "europe-west3", "europe-west4", "me-west1"),
            *("northamerica-northeast1", "southamerica-east1", "us-central1", "us-east1"),
            *("us-east4", "us-west1", "us-west2", "us-west3", "us-west4"),
        }
    ),
}


def gcp_lacks(region: str, accelerator: str) -> tuple[str, ...] | None:
    """The regions that have ``accelerator`` when ``region`` is known to lack it, else ``None``."""
    having = _GCP_WITH.get(accelerator)
    return None if having is None or region in having else tuple(sorted(having))


def gcp_multi_region(region: str) -> str:
    """``us``, ``europe`` or ``asia``: where Google publishes prebuilt images for ``region``."""
    if region.startswith(("asia", "australia")):
        return "asia"
    return "europe" if region.startswith(("europe", "africa", "me-")) else "us"
