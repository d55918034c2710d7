"""The AWS plan wired to components: what is shared, then each workload's nouns, a file each."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.images import Images, ImagesArgs
from components.aws.place import Place
from components.core.labels import pascal_tags
from infra.aws.common import Common
from infra.aws.endpoint import serve
from infra.aws.features import catalogue, store
from infra.aws.monitoring import watch
from infra.aws.quota import quotas
from infra.aws.training import train
from infra.settings import Settings
from mlplatform.gaps.sdk import Provider as GapProvider
from mlplatform.spec import AwsPlan

REPOSITORY_NAME_MAX = 256
"""botocore ecr RepositoryName."""


def deploy(plan: AwsPlan, settings: Settings) -> dict[str, Any]:
    """Declare everything of the plan; return the stack output ``aws``."""
    provider = aws.Provider(
        "aws",
        region=plan.region,
        # The credentials' account is compared with the spec before anything is created.
        allowed_account_ids=[plan.account_id],
    )
    gaps = GapProvider("mlgap-aws", aws={"region": plan.region, "account_id": plan.account_id})
    here = pulumi.ResourceOptions(providers={"aws": provider, "mlgap": gaps})
    common = Common(
        environment=settings.environment,
        plan=plan,
        place=Place(account_id=plan.account_id, region=plan.region),
        tags=pascal_tags(settings.labels, settings.environment),
        opts=here,
        stateful=pulumi.ResourceOptions.merge(
            here, pulumi.ResourceOptions(protect=settings.protect or None)
        ),
        force_destroy=not settings.protect,
    )
    repositories = images(common)
    tables = catalogue(common) if any(workload.features for workload in plan.workloads) else None
    outputs: dict[str, Any] = {}
    for workload in plan.workloads:
        made: dict[str, Any] = {}
        if workload.endpoint is not None:
            found, endpoint = serve(workload.name, workload.endpoint, common)
            made |= found
            if workload.monitoring is not None:
                made |= watch(workload.name, workload.monitoring, endpoint, common)
        if workload.training is not None:
            made |= train(workload.name, workload.training, common)
        if tables is not None and workload.features:
            made |= store(workload.name, workload.features, tables, common)
        if made:
            outputs[workload.name] = made
    outputs |= quotas(common)
    if repositories:
        outputs["image_repositories"] = repositories
    return outputs


def images(common: Common) -> dict[str, str]:
    """Declare the repositories for images of one's own; return where to push."""
    return {
        name: Images(
            common.name(name, "images"),
            ImagesArgs(
                place=common.place,
                repository=common.name(name, max_length=REPOSITORY_NAME_MAX),
                key_arn=common.keys.key_arn,
                force_delete=common.force_destroy,
                tags=common.tags,
            ),
            opts=common.stateful,
        ).repository_uri
        for name in common.plan.foundation.image_repositories
    }
