"""The public regions of Azure.

Source: learn.microsoft.com, "List of Azure regions"; state of 2026.
"""

from __future__ import annotations

# fmt: off
_REGIONS = frozenset(
    [
        "australiacentral", "australiaeast", "australiasoutheast", "austriaeast",
        "belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast",
        "centralindia", "centralus", "chilecentral", "denmarkeast", "eastasia", "eastus",
        "eastus2", "francecentral", "francesouth", "germanynorth", "germanywestcentral",
        "indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest",
        "jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiawest",
        "mexicocentral", "newzealandnorth", "northcentralus", "northeurope", "norwayeast",
        "norwaywest", "polandcentral", "qatarcentral", "southafricanorth", "southafricawest",
        "southcentralus", "southeastasia", "southindia", "spaincentral", "swedencentral",
        "swedensouth", "switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth",
        "uksouth", "ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2",
        "westus3", "global", """".split()", ")", "def", "is_region(place:", "str)", "->",
        "bool:", """"Whether", "a", "resource", "may", "lie", "there;", "`place`", "in",
        "lower", "case,", "without", "spaces.",
    ]
)
# fmt: on


def is_region(place: str) -> bool:
    """Whether a resource may lie there; `place` in lower case, without spaces."""
    return place in _REGIONS


def regions() -> list[str]:
    return sorted(_REGIONS - {"global"})
