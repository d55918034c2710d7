"""Feature groups: tables in BigQuery, their features in Vertex AI, views that serve them online.

``Features``, for each workload, named ``NAME``, and each group ``G`` with features ``F``:

====================  ==========================================================  ===============
child                 type                                                        when
====================  ==========================================================  ===============
``NAME-G-rows``       gcp:bigquery/table:Table                                    no source given
``NAME-G-source``     gcp:bigquery/table:Table (a view)                           see below
``NAME-G``            gcp:vertex/aiFeatureGroup:AiFeatureGroup                    always
``NAME-G-F``          gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature      always
``NAME-G-online``     gcp:vertex/aiFeatureOnlineStoreFeatureview:...              served online
====================  ==========================================================  ===============

Vertex AI reads the event time from a column ``feature_timestamp``. Where the event time has another
name a view gives it that one, so that rows are written with the names of the spec.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place

TIMESTAMP = "feature_timestamp"


@dataclass(frozen=True, kw_only=True)
class FeatureGroupArgs:
    """One feature group. ``columns`` may grow; nothing may be taken out or retyped."""

    group_id: str
    """Up to 128 lower-case letters, digits and underscores; tables are named by it too."""
    record_id: str
    event_time: str
    columns: Mapping[str, str]
    """Name to BigQuery type."""
    features: Mapping[str, str]
    """Feature id, in lower case, to its column."""
    source: str | None = None
    """``bq://project.dataset.table`` that others fill; None: a table of our own."""
    description: str | None = None
    online: bool = False
    sync_cron: str | None = None
    """When the online store takes over new rows; None: when someone asks for it."""

    def __post_init__(self) -> None:
        needed = {self.record_id, self.event_time, *self.features.values()}
        missing = sorted(needed - self.columns.keys())
        if missing:
            raise ValueError(f"group {self.group_id}: {missing} must be among the columns")


@dataclass(frozen=True, kw_only=True)
class FeaturesArgs:
    """What a caller decides."""

    place: Place
    dataset_id: str
    store_id: str | None
    """Of the online store; needed where a group is served online."""
    groups: Mapping[str, FeatureGroupArgs]
    """By a short name that is unique in the workload."""
    deletion_protection: bool = True
    """False lets BigQuery delete tables with their rows."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.store_id is None and any(group.online for group in self.groups.values()):
            raise ValueError("store_id: a group that is served online needs one")


class Features(MlComponent):
    """The feature groups of one workload."""

    kind = "gcp:Features"

    group_ids: dict[str, pulumi.Output[str]]
    """Short name to id in Vertex AI."""

    def __init__(
        self,
        name: str,
        args: FeaturesArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the catalogue, which is named by plain strings."""
        super().__init__(name, opts)
        self.group_ids = {
            short: self._group(short, group, args, after) for short, group in args.groups.items()
        }
        self.register_outputs({"group_ids": self.group_ids})

    def _group(
        self,
        short: str,
        group: FeatureGroupArgs,
        args: FeaturesArgs,
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Output[str]:
        place, labels = args.place, dict(args.labels)
        table, filled = self._rows(short, group, args, after)
        source, ready = self._source(short, group, table, args, [*after, *filled])
        made = gcp.vertex.AiFeatureGroup(
            self._child(short),
            name=group.group_id,
            project=place.project,
            region=place.region,
            description=group.description,
            big_query=gcp.vertex.AiFeatureGroupBigQueryArgs(
                big_query_source=gcp.vertex.AiFeatureGroupBigQueryBigQuerySourceArgs(
                    input_uri=f"bq://{source}"
                ),
                entity_id_columns=[group.record_id],
            ),
            labels=labels,
            opts=self._opts(depends_on=[*after, *ready]),
        )
        features = [
            gcp.vertex.AiFeatureGroupFeature(
                self._child(short, feature_id),
                name=feature_id,
                feature_group=made.name,
                project=place.project,
                region=place.region,
                version_column_name=column,
                labels=labels,
                opts=self._opts(depends_on=ready),
            )
            for feature_id, column in group.features.items()
        ]
        if group.online:
            self._view(short, group, args, [*after, made, *features])
        group_id: pulumi.Output[str] = made.name
        return group_id

    def _rows(
        self,
        short: str,
        group: FeatureGroupArgs,
        args: FeaturesArgs,
        after: Sequence[pulumi.Resource],
    ) -> tuple[str, list[pulumi.Resource]]:
        """(name of the table with the rows, what must exist before it is read)."""
        if group.source is not None:
            return group.source.removeprefix("bq://"), []
        table = gcp.bigquery.Table(
            self._child(short, "rows"),
            dataset_id=args.dataset_id,
            table_id=group.group_id,
            project=args.place.project,
            description=group.description,
            schema=json.dumps(
                [{"name": name, "type": kind} for name, kind in group.columns.items()]
            ),
            deletion_protection=args.deletion_protection,
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        return f"{args.place.project}.{args.dataset_id}.{group.group_id}", [table]

    def _source(
        self,
        short: str,
        group: FeatureGroupArgs,
        table: str,
        args: FeaturesArgs,
        after: Sequence[pulumi.Resource],
    ) -> tuple[str, list[pulumi.Resource]]:
        """(name of what Vertex AI reads, what must exist first)."""
        if group.event_time == TIMESTAMP:
            return table, list(after)
        view = gcp.bigquery.Table(
            self._child(short, "source"),
            dataset_id=args.dataset_id,
            table_id=f"{group.group_id}_source",
            project=args.place.project,
            view=gcp.bigquery.TableViewArgs(query=view_query(group, table), use_legacy_sql=False),
            deletion_protection=args.deletion_protection,
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        return f"{args.place.project}.{args.dataset_id}.{group.group_id}_source", [view]

    def _view(
        self,
        short: str,
        group: FeatureGroupArgs,
        args: FeaturesArgs,
        after: Sequence[pulumi.Resource],
    ) -> None:
        registry = gcp.vertex.AiFeatureOnlineStoreFeatureviewFeatureRegistrySourceArgs(
            feature_groups=[
                gcp.vertex.AiFeatureOnlineStoreFeatureviewFeatureRegistrySourceFeatureGroupArgs(
                    feature_group_id=group.group_id, feature_ids=list(group.features)
                )
            ]
        )
        gcp.vertex.AiFeatureOnlineStoreFeatureview(
            self._child(short, "online"),
            name=group.group_id,
            project=args.place.project,
            region=args.place.region,
            feature_online_store=args.store_id or "",
            feature_registry_source=registry,
            sync_config=gcp.vertex.AiFeatureOnlineStoreFeatureviewSyncConfigArgs(
                cron=group.sync_cron
            )
            if group.sync_cron
            else None,
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )


def view_query(group: FeatureGroupArgs, table: str) -> str:
    """The rows under the names of the spec, the event time under the one that Vertex AI reads.

    Columns are listed, not starred: a view keeps the columns that it was made with.
    """
    others = [f"`{name}`" for name in group.columns if name != group.event_time]
    listed = ", ".join([*others, f"`{group.event_time}` AS {TIMESTAMP}"])
    return f"SELECT {listed} FROM `{table}`"
