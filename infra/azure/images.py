"""Images of a private environment: who builds them, and where."""

from __future__ import annotations

from components.azure.access import PULL_IMAGES, READ_BLOBS, Access, AccessArgs, GrantArgs
from components.azure.cluster import CLUSTER_NAME_MAX, ClusterArgs
from components.azure.images import ImageBuilder
from components.core.naming import physical_name
from infra.azure.common import GROUP_NAME_MAX, IDENTITY_NAME_MAX, Common
from mlplatform.catalog.azure_roles import PUSH_IMAGES
from mlplatform.spec import IMAGE_BUILDER_NODES, AzurePlan


def builder_name(plan: AzurePlan, environment: str) -> str | None:
    """The cluster that the workspace builds images on; ``None`` where the registry does."""
    if plan.network.image_builder_size is None:
        return plan.network.image_build_compute
    return physical_name(environment, "images", max_length=CLUSTER_NAME_MAX)


def builder(plan: AzurePlan, common: Common) -> ImageBuilder | None:
    """Declare the cluster with an identity of its own, where one is to be made."""
    size, name = plan.network.image_builder_size, builder_name(plan, common.environment)
    if size is None or name is None:
        return None
    environment, registry = common.environment, common.workspace.registry_id
    account = common.storage.account_id
    logical = physical_name(environment, "images", max_length=GROUP_NAME_MAX)
    access = Access(
        f"{logical}-access",
        AccessArgs(
            place=common.place,
            identity_name=physical_name(environment, "images", max_length=IDENTITY_NAME_MAX),
            grants=[
                GrantArgs(suffix="pull", scope=registry, scope_name=registry, role=PULL_IMAGES),
                GrantArgs(suffix="push", scope=registry, scope_name=registry, role=PUSH_IMAGES),
                # What an image is made of lies in a container that Azure ML names.
                GrantArgs(suffix="context", scope=account, scope_name=account, role=READ_BLOBS),
            ],
            tags=common.tags,
        ),
        opts=common.opts,
        after=[common.storage, common.workspace],
    )
    return ImageBuilder(
        logical,
        ClusterArgs(
            workspace=common.workspace,
            cluster_name=name,
            identity_id=access.identity_id,
            vm_size=size,
            max_nodes=IMAGE_BUILDER_NODES,
            tags=common.tags,
        ),
        opts=common.opts,
        after=[access],
    )
