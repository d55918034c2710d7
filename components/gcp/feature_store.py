"""Where feature groups stand: the dataset of their tables, and the store that serves them online.

``FeatureCatalogue``, once for an environment, named ``NAME``:

====================  ==========================================================  ===============
child                 type                                                        when
====================  ==========================================================  ===============
``NAME``              gcp:bigquery/dataset:Dataset                                always
``NAME-online``       gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore        served online
====================  ==========================================================  ===============
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place


@dataclass(frozen=True, kw_only=True)
class OnlineStoreArgs:
    """The store that answers at once. A store keeps its kind of storage for life."""

    store_id: str
    """Up to 60 lower-case letters, digits and underscores."""
    optimized: bool = False
    """Else Bigtable, with the bounds below."""
    min_nodes: int = 1
    max_nodes: int = 3
    """At most 10 times min_nodes."""
    cpu_percent: int = 60
    """10 to 80."""

    def __post_init__(self) -> None:
        if not self.optimized and not 1 <= self.min_nodes <= self.max_nodes <= 10 * self.min_nodes:
            raise ValueError(
                f"nodes: got {self.min_nodes}..{self.max_nodes}, allowed: at least 1, and at most "
                "10 times as many as the least"
            )


@dataclass(frozen=True, kw_only=True)
class FeatureCatalogueArgs:
    """What a caller decides."""

    place: Place
    dataset_id: str
    """Letters, digits and underscores."""
    key_name: pulumi.Input[str]
    """Encrypts tables and online store. Required: there is no unencrypted mode."""
    online: OnlineStoreArgs | None = None
    readers: Sequence[str] = ()
    """Addresses of groups that may read all tables."""
    delete_contents: bool = False
    """True deletes what others put in the dataset with it; keep False where data matters."""
    labels: Mapping[str, str] = field(default_factory=dict)


class FeatureCatalogue(MlComponent):
    """The dataset of all feature tables, and the online store that serves them."""

    kind = "gcp:FeatureCatalogue"

    dataset_id: str
    """Known at preview. Depend on this component before using it."""
    store_id: str | None
    """The online store's id, known at preview."""

    def __init__(
        self,
        name: str,
        args: FeatureCatalogueArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: services and agents, and the key's grants."""
        super().__init__(name, opts)
        place = args.place
        gcp.bigquery.Dataset(
            name,
            dataset_id=args.dataset_id,
            project=place.project,
            location=place.region,
            description="Tables of features",
            default_encryption_configuration=gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(
                kms_key_name=args.key_name
            ),
            # Given whole, for otherwise every viewer of the project could read the rows.
            accesses=[
                gcp.bigquery.DatasetAccessArgs(role="OWNER", special_group="projectOwners"),
                gcp.bigquery.DatasetAccessArgs(role="READER", user_by_email=place.vertex_agent),
                *(
                    gcp.bigquery.DatasetAccessArgs(role="READER", group_by_email=group)
                    for group in args.readers
                ),
            ],
            delete_contents_on_destroy=args.delete_contents,
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        self.dataset_id = args.dataset_id
        self.store_id = None
        if args.online is not None:
            self.store_id = args.online.store_id
            self._store(args.online, args, after)
        self.register_outputs({"dataset_id": self.dataset_id, "store_id": self.store_id})

    def _store(
        self, store: OnlineStoreArgs, args: FeatureCatalogueArgs, after: Sequence[pulumi.Resource]
    ) -> None:
        bounds = gcp.vertex.AiFeatureOnlineStoreBigtableAutoScalingArgs(
            min_node_count=store.min_nodes,
            max_node_count=store.max_nodes,
            cpu_utilization_target=store.cpu_percent,
        )
        gcp.vertex.AiFeatureOnlineStore(
            self._child("online"),
            name=store.store_id,
            project=args.place.project,
            region=args.place.region,
            bigtable=None
            if store.optimized
            else gcp.vertex.AiFeatureOnlineStoreBigtableArgs(auto_scaling=bounds),
            optimized=gcp.vertex.AiFeatureOnlineStoreOptimizedArgs() if store.optimized else None,
            encryption_spec=gcp.vertex.AiFeatureOnlineStoreEncryptionSpecArgs(
                kms_key_name=args.key_name
            ),
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
