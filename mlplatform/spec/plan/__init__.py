"""The immutable plan: what each cloud is to have, everything decided and nothing left to default.

``infra`` turns it into resources; it holds plain values only, so that it can be compared,
printed and tested without a cloud or an engine.
"""

from mlplatform.spec.plan.aws import (
    AwsPlan,
    AwsQuota,
    AwsWorkload,
)
from mlplatform.spec.plan.aws_data import (
    AwsAlarm,
    AwsFeatureGroup,
    AwsMonitor,
    AwsMonitoring,
    AwsThroughput,
)
from mlplatform.spec.plan.aws_place import (
    AwsExistingNetwork,
    AwsFoundation,
    AwsNetwork,
    AwsSubnet,
)
from mlplatform.spec.plan.aws_serving import (
    AwsAsynchronous,
    AwsCapture,
    AwsCopies,
    AwsEndpoint,
    AwsMetric,
    AwsRollout,
    AwsScaling,
    AwsSchedule,
    AwsServerless,
    AwsSteps,
    AwsTracking,
    AwsVariant,
)
from mlplatform.spec.plan.aws_training import (
    AwsRange,
    AwsTraining,
    AwsTuning,
)
from mlplatform.spec.plan.azure import (
    AzureBatch,
    AzureCapture,
    AzureEndpoint,
    AzureNetwork,
    AzureOutbound,
    AzurePlan,
    AzureProbe,
    AzureRollout,
    AzureSchedule,
    AzureServerless,
    AzureStores,
    AzureTrust,
    AzureVariant,
    AzureWorkload,
)
from mlplatform.spec.plan.common import (
    Artifact,
    Gap,
    Labels,
)
from mlplatform.spec.plan.gcp import (
    GcpEndpoint,
    GcpPlan,
    GcpVariant,
    GcpWorkload,
)
from mlplatform.spec.plan.gcp_data import (
    GcpFeature,
    GcpFeatureGroup,
    GcpMonitoring,
    GcpOnlineStore,
    GcpThresholds,
)
from mlplatform.spec.plan.gcp_training import GcpRange, GcpTraining, GcpTuning
from mlplatform.spec.plan.platform import Platform

__all__ = [
    "Artifact",
    "AwsAlarm",
    "AwsAsynchronous",
    "AwsCapture",
    "AwsCopies",
    "AwsEndpoint",
    "AwsExistingNetwork",
    "AwsFeatureGroup",
    "AwsFoundation",
    "AwsMetric",
    "AwsMonitor",
    "AwsMonitoring",
    "AwsNetwork",
    "AwsPlan",
    "AwsQuota",
    "AwsRange",
    "AwsRollout",
    "AwsScaling",
    "AwsSchedule",
    "AwsServerless",
    "AwsSteps",
    "AwsSubnet",
    "AwsThroughput",
    "AwsTracking",
    "AwsTraining",
    "AwsTuning",
    "AwsVariant",
    "AwsWorkload",
    "AzureBatch",
    "AzureCapture",
    "AzureEndpoint",
    "AzureNetwork",
    "AzureOutbound",
    "AzurePlan",
    "AzureProbe",
    "AzureRollout",
    "AzureSchedule",
    "AzureServerless",
    "AzureStores",
    "AzureTrust",
    "AzureVariant",
    "AzureWorkload",
    "Gap",
    "GcpEndpoint",
    "GcpFeature",
    "GcpFeatureGroup",
    "GcpMonitoring",
    "GcpOnlineStore",
    "GcpPlan",
    "GcpRange",
    "GcpThresholds",
    "GcpTraining",
    "GcpTuning",
    "GcpVariant",
    "GcpWorkload",
    "Labels",
    "Platform",
]
