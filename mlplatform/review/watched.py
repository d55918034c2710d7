"""What a reviewer has to see first, as data: types and properties, each with its meaning.

Property names are the last names of a path in the inputs, as the providers spell them (schemas of
pulumi-aws 7, pulumi-gcp 10, pulumi-azure-native 3); they mean the same wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

STATEFUL = re.compile(
    r"""
    :(s3/bucket(V2)?:Bucket(V2)?|dynamodb/table:Table|efs/fileSystem:FileSystem|fsx/\w+:\w+
    |rds/(instance|cluster):\w+|kms/key:Key|ecr/repository:Repository|glue/catalogDatabase:\w+
    |glue/catalogTable:\w+|sagemaker/(featureGroup|modelPackageGroup|domain|userProfile):\w+
    |cloudwatch/logGroup:LogGroup|secretsmanager/secret:Secret
    |storage/bucket:Bucket|bigquery/(dataset|table):\w+|kms/(keyRing|cryptoKey):\w+|sql/database\w*:\w+
    |vertex/aiFeature(store|OnlineStore|Group|storeEntitytype|OnlineStoreFeatureview):\w+
    |vertex/ai(Dataset|Tensorboard|MetadataStore|Index):\w+|artifactregistry/repository:Repository
    |bigtable/\w+:\w+|filestore/instance:Instance|secretmanager/secret:Secret
    |storage:(StorageAccount|BlobContainer|FileShare|Table|Queue)|keyvault:(Vault|Key|Secret)
    |machinelearningservices:(Workspace|FeaturestoreEntity\w+|Featureset\w+|Registry|DataContainer)
    |containerregistry:Registry|operationalinsights:Workspace|sql:\w+|documentdb:\w+|cache:Redis\w*
    |resources:ResourceGroup
    |(aws|gcp|azure):(FeatureGroup|FeatureStore|FeatureView|FeatureSet|Entity))$
    """,
    re.VERBOSE,
)
"""Types whose objects hold what cannot be made again: deleting one deletes data or keys."""

ENDPOINTS = re.compile(
    r":(sagemaker/(endpoint|inferenceComponent):\w+|vertex/ai(Endpoint|IndexEndpoint)\w*:\w+"
    r"|machinelearningservices:(OnlineEndpoint|BatchEndpoint|ServerlessEndpoint)"
    r"|(aws|gcp|azure):(Endpoint|OnlineEndpoint|EndpointDeployments))$"
)
"""Types that callers reach: a new object may have another address, and is away meanwhile."""

CLUSTERS = re.compile(
    r":(machinelearningservices:Compute|sagemaker/(cluster|notebookInstance|studioLifecycleConfig):\w+"
    r"|eks/(cluster|nodeGroup):\w+|emr/cluster:\w+|container/(cluster|nodePool):\w+"
    r"|workbench/instance:\w+|notebooks/\w+:\w+|colab/runtime:\w+|dataproc/cluster:\w+"
    r"|vertex/aiPersistentResource:\w+|containerservice:(ManagedCluster|AgentPool))$"
)
"""Types of machines that are kept: work on them stops, and accelerators have to be had again."""

PUBLIC_WHEN: Mapping[str, frozenset[str]] = {
    "acl": frozenset({"public-read", "public-read-write", "authenticated-read", "publicread"}),
    "publicnetworkaccess": frozenset({"enabled"}),
    "publicnetworkaccessforingestion": frozenset({"enabled"}),
    "publicnetworkaccessforquery": frozenset({"enabled"}),
    "allowblobpublicaccess": frozenset({"true"}),
    "anonymouspullenabled": frozenset({"true"}),
    "publicaccess": frozenset({"blob", "container"}),
    "defaultaction": frozenset({"allow"}),
    "publicaccessprevention": frozenset({"inherited"}),
    "publiclyaccessible": frozenset({"true"}),
    "directinternetaccess": frozenset({"enabled"}),
    "endpointpublicaccess": frozenset({"true"}),
    "publicendpointenabled": frozenset({"true"}),
    "associatepublicipaddress": frozenset({"true"}),
    "mappubliciponlaunch": frozenset({"true"}),
    "cidripv4": frozenset({"0.0.0.0/0"}),
    "cidripv6": frozenset({"::/0"}),
    "cidrblocks": frozenset({"0.0.0.0/0"}),
    "ipv6cidrblocks": frozenset({"::/0"}),
    "sourceranges": frozenset({"0.0.0.0/0", "::/0"}),
    "sourceaddressprefix": frozenset({"*", "internet", "0.0.0.0/0"}),
    "authorizationtype": frozenset({"none"}),
}
"""Last name of a path, in lower case -> values, in lower case, that open it to the internet."""

PRIVATE_WHILE: Mapping[str, frozenset[str]] = {
    "blockpublicacls": frozenset({"true"}),
    "blockpublicpolicy": frozenset({"true"}),
    "ignorepublicacls": frozenset({"true"}),
    "restrictpublicbuckets": frozenset({"true"}),
    "publicaccessprevention": frozenset({"enforced"}),
    "publicnetworkaccess": frozenset({"disabled"}),
    "noprivateip": frozenset({"false"}),
    "nopublicip": frozenset({"true"}),
    "enablenetworkisolation": frozenset({"true"}),
    "uniformbucketlevelaccess": frozenset({"true"}),
}
"""Last name of a path -> values that keep it closed: leaving them opens it."""

PROTECTING: Mapping[str, frozenset[str]] = {
    "protect": frozenset({"true"}),
    "deletionprotection": frozenset({"true"}),
    "deletionprotectionenabled": frozenset({"true"}),
    "enablepurgeprotection": frozenset({"true"}),
    "enablesoftdelete": frozenset({"true"}),
    "forcedestroy": frozenset({"false"}),
    "forcedelete": frozenset({"false"}),
    "enablekeyrotation": frozenset({"true"}),
    "objectlockenabled": frozenset({"true"}),
    "minimumtlsversion": frozenset({"tls1_2", "tls1_3"}),
    "supportshttpstrafficonly": frozenset({"true"}),
    "enablehttpstrafficonly": frozenset({"true"}),
    "encryptintercontainertraffic": frozenset({"true"}),
    "enableintercontainertrafficencryption": frozenset({"true"}),
}
"""Last name of a path -> values that protect: leaving them loses the protection."""

PROTECTING_PAIRS: Mapping[str, frozenset[str]] = {
    "versioningconfiguration.status": frozenset({"enabled"}),
    "versioning.enabled": frozenset({"true"}),
    "deleteretentionpolicy.enabled": frozenset({"true"}),
    "containerdeleteretentionpolicy.enabled": frozenset({"true"}),
}
"""The same for names that mean something only with the one above them."""

LOWER_IS_LESS = frozenset(
    {
        "retentionindays",
        "softdeleteretentionindays",
        "deletionwindowindays",
        "destroyscheduledduration",
        "retentiondurationseconds",
    }
)
"""Numbers that protect the more the higher they are."""

PROTECTIONS = re.compile(
    r":(s3/(bucketPublicAccessBlock|bucketVersioning|bucketServerSideEncryptionConfiguration"
    r"|bucketPolicy|bucketOwnershipControls):\w+|authorization:ManagementLock\w*"
    r"|monitor:DiagnosticSetting|cloudtrail/trail:Trail)$"
)
"""Types that do nothing but protect: deleting one loses what it did."""

KEY_PROPERTY = re.compile(
    r"(?i)(kms_?key|kmsmasterkey|cryptokey|defaultkmskey|encryptionkey|keyvaultproperties|keyidentifier"
    r"|keyvaultkey|keyuri|diskencryptionset|encryptionspec|customermanagedkey|ssealgorithm|keysource)"
)
"""A path that says with which key something is encrypted."""

KEY_TYPES = re.compile(r":(kms/\w+:(Key|CryptoKey)|keyvault:Key)$")
KEY_STATE = frozenset(
    {"isEnabled", "enabled", "rotationPeriod", "rotationPeriodInDays", "purpose", "keyUsage", "kty"}
)
"""Types that are keys, and what about them changes what is encrypted."""

BOUNDS = (
    ("minCapacity", "maxCapacity"),
    ("minReplicas", "maxReplicas"),
    ("minReplicaCount", "maxReplicaCount"),
    ("minInstances", "maxInstances"),
    ("minNodeCount", "maxNodeCount"),
    ("minimum", "maximum"),
    ("minSize", "maxSize"),
    ("minCount", "maxCount"),
)
"""Names of a lower and an upper bound of a scaling, side by side in one object."""

MACHINES = (
    "instanceType",
    "machineType",
    "vmSize",
    "acceleratorType",
    "acceleratorCount",
    "gpuType",
    "tpuTopology",
)
"""Names of what a model runs on."""

WEIGHTS = ("initialVariantWeight", "desiredWeight")
"""Names of a variant's share of the traffic, in the variant's own object."""
TRAFFIC = ("traffic", "trafficSplit")
"""Names of a share, or of all shares by variant."""
