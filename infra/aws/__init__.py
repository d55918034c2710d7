"""The AWS plan wired to components: one key and one bucket, then each workload's endpoint."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.keys import Keys, KeysArgs
from components.aws.place import Place
from components.aws.storage import Storage, StorageArgs
from components.core.labels import pascal_tags
from components.core.naming import physical_name
from infra.aws.common import BUCKET_NAME_MAX, ENDPOINT_NAME_MAX, Common
from infra.aws.endpoint import serve
from infra.aws.features import catalogue, store
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import AwsPlan


def deploy(plan: AwsPlan, settings: Settings) -> dict[str, Any]:
    """Declare everything of the plan; return the stack output ``aws``."""
    place = Place(account_id=plan.account_id, region=plan.region)
    environment = settings.environment
    tags = pascal_tags(settings.labels, environment)
    provider = aws.Provider(
        "aws",
        region=plan.region,
        # The credentials' account is compared with the spec before anything is created.
        allowed_account_ids=[plan.account_id],
    )
    gaps = GapProvider("mlgap-aws", aws={"region": plan.region, "account_id": plan.account_id})
    here = pulumi.ResourceOptions(providers={"aws": provider, "mlgap": gaps})
    stateful = pulumi.ResourceOptions.merge(
        here, pulumi.ResourceOptions(protect=settings.protect or None)
    )

    keys = Keys(
        physical_name(environment, "models", max_length=ENDPOINT_NAME_MAX),
        KeysArgs(place=place, description=f"Model artifacts and volumes, {environment}", tags=tags),
        opts=stateful,
    )
    storage = Storage(
        physical_name(environment, "artifacts", max_length=ENDPOINT_NAME_MAX),
        StorageArgs(
            place=place,
            bucket=physical_name(
                environment,
                "artifacts",
                plan.account_id,
                plan.region,
                max_length=BUCKET_NAME_MAX,
            ),
            key_arn=keys.key_arn,
            force_destroy=not settings.protect,
            tags=tags,
        ),
        opts=stateful,
    )
    common = Common(
        environment=environment,
        place=place,
        keys=keys,
        storage=storage,
        tags=tags,
        opts=here,
        stateful=stateful,
    )
    tables = catalogue(common) if any(workload.features for workload in plan.workloads) else None
    outputs: dict[str, Any] = {}
    for workload in plan.workloads:
        made: dict[str, Any] = {}
        if workload.endpoint is not None:
            made |= serve(workload.name, workload.endpoint, common)
        if tables is not None and workload.features:
            made |= store(workload.name, workload.features, tables, common)
        if made:
            outputs[workload.name] = made
    return outputs
