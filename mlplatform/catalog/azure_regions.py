"""All public regions of Azure, with and without Azure Machine Learning.

Source: learn.microsoft.com, "List of Azure regions"; state of 2026. Those with the service are in
`regions`.
"""

from __future__ import annotations

PUBLIC = frozenset(
    (
        *("australiacentral", "australiaeast", "australiasoutheast", "austriaeast"),
        *("belgiumcentral", "brazilsouth", "brazilsoutheast", "canadacentral", "canadaeast"),
        *("centralindia", "centralus", "chilecentral", "denmarkeast", "eastasia", "eastus"),
        *("eastus2", "francecentral", "francesouth", "germanynorth", "germanywestcentral"),
        *("indonesiacentral", "israelcentral", "italynorth", "japaneast", "japanwest"),
        *("jioindiacentral", "jioindiawest", "koreacentral", "koreasouth", "malaysiawest"),
        *("mexicocentral", "newzealandnorth", "northcentralus", "northeurope", "norwayeast"),
        *("norwaywest", "polandcentral", "qatarcentral", "southafricanorth", "southafricawest"),
        *("southcentralus", "southeastasia", "southindia", "spaincentral", "swedencentral"),
        *("swedensouth", "switzerlandnorth", "switzerlandwest", "uaecentral", "uaenorth"),
        *("uksouth", "ukwest", "westcentralus", "westeurope", "westindia", "westus", "westus2"),
        "westus3",
    )
)
