"""One workload's feature groups on SageMaker Feature Store."""

from __future__ import annotations

from typing import Any

from components.aws import policy, purposes
from components.aws.access import Access, AccessArgs
from components.aws.features import (
    FeatureCatalogue,
    Features,
    FeaturesArgs,
    GroupArgs,
    OfflineArgs,
    OnlineArgs,
    ThroughputArgs,
)
from components.core.naming import physical_name
from infra.aws.common import ENDPOINT_NAME_MAX, ROLE_NAME_MAX, Common
from mlplatform.spec import AwsFeatureGroup

GROUP_NAME_MAX = 64
"""botocore sagemaker FeatureGroupName."""
DATABASE_NAME_MAX = 255
"""botocore glue NameString."""


def catalogue(common: Common) -> FeatureCatalogue:
    """The Glue database that every offline store of the environment has its table in."""
    name = physical_name(common.environment, "features", max_length=ENDPOINT_NAME_MAX)
    database = physical_name(
        common.environment, "features", max_length=DATABASE_NAME_MAX, separator="_"
    ).replace("-", "_")
    return FeatureCatalogue(name, database=database, tags=common.tags, opts=common.stateful)


def store(
    workload: str,
    plans: tuple[AwsFeatureGroup, ...],
    tables: FeatureCatalogue,
    common: Common,
) -> dict[str, Any]:
    """Declare the feature groups of one workload, and the role of jobs that fill them."""
    environment = common.environment
    groups = {plan.name: _group(workload, plan, tables.database, common) for plan in plans}
    ingest = Access(
        common.name(workload, "ingest"),
        AccessArgs(
            place=common.place,
            role_name=common.role_name(workload, "ingest"),
            description=f"Puts records into the feature groups of {workload}",
            statements=[
                *purposes.ingest(common.place, [one.group_name for one in groups.values()]),
                # Of the online store, for every call that touches a record.
                *policy.decrypt(common.place, common.data_keys.reference),
            ],
            tags=common.tags,
        ),
        opts=common.opts,
    )
    made = Features(
        physical_name(environment, workload, "features", max_length=ENDPOINT_NAME_MAX),
        FeaturesArgs(
            place=common.place,
            role_name=physical_name(environment, workload, "features", max_length=ROLE_NAME_MAX),
            key=common.data_keys.reference,
            groups=groups,
            tags=common.tags,
        ),
        opts=common.stateful,
        after=[tables, common.data_keys, common.features],
    )
    return {"feature_groups": made.group_names, "ingest_role_arn": ingest.role_arn}


def _group(workload: str, plan: AwsFeatureGroup, database: str, common: Common) -> GroupArgs:
    units = plan.throughput
    return GroupArgs(
        group_name=physical_name(
            common.environment, workload, plan.name, max_length=GROUP_NAME_MAX
        ),
        record_id=plan.record_id,
        event_time=plan.event_time,
        columns=plan.columns,
        description=plan.description,
        online=OnlineArgs(ttl_s=plan.ttl_s, storage=plan.storage) if plan.online else None,
        offline=OfflineArgs(
            uri=f"s3://{common.features.bucket}/{workload}",
            database=database,
            table_format=plan.table_format,
        )
        if plan.offline
        else None,
        throughput=ThroughputArgs(read_units=units.read_units, write_units=units.write_units)
        if units is not None
        else None,
    )
