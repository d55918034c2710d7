"""Requests and answers of endpoints, kept in BigQuery for as long as asked.

Creates, for a component named ``NAME`` and each endpoint ``E``:

==========  ================================  ==========
child       type                              when
==========  ================================  ==========
``NAME``    gcp:bigquery/dataset:Dataset      always
``NAME-E``  gcp:bigquery/table:Table          ``table``
==========  ================================  ==========

The tables are ours, with the columns that Vertex AI fills, so that days leave them when their time
is over and they are encrypted with the environment's key. Vertex AI writes, project owners read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place

COLUMNS = (
    ("endpoint", "STRING", "NULLABLE"),
    ("deployed_model_id", "STRING", "NULLABLE"),
    ("logging_time", "TIMESTAMP", "NULLABLE"),
    ("request_id", "NUMERIC", "NULLABLE"),
    ("request_payload", "STRING", "REPEATED"),
    ("response_payload", "STRING", "REPEATED"),
)
"""What Vertex AI writes (cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging)."""
_DAY_MS = 86_400_000


@dataclass(frozen=True, kw_only=True)
class CaptureArgs:
    """What a caller decides."""

    place: Place
    dataset_id: str
    """Letters, digits and underscores."""
    key_name: pulumi.Input[str]
    """Encrypts every table. Required: there is no unencrypted mode."""
    delete_contents: bool = False
    """True deletes what is captured with the dataset; keep False where data matters."""
    labels: Mapping[str, str] = field(default_factory=dict)


class Capture(MlComponent):
    """The dataset of what endpoints were asked and answered."""

    kind = "gcp:Capture"

    def __init__(
        self,
        name: str,
        args: CaptureArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: services and the key's grants."""
        super().__init__(name, opts)
        self._args = args
        self._dataset = gcp.bigquery.Dataset(
            name,
            dataset_id=args.dataset_id,
            project=args.place.project,
            location=args.place.region,
            description="Requests to endpoints and their answers",
            default_encryption_configuration=gcp.bigquery.DatasetDefaultEncryptionConfigurationArgs(
                kms_key_name=args.key_name
            ),
            # Given whole, for otherwise every viewer of the project could read requests.
            accesses=[
                gcp.bigquery.DatasetAccessArgs(role="OWNER", special_group="projectOwners"),
                gcp.bigquery.DatasetAccessArgs(
                    role="WRITER", user_by_email=args.place.vertex_agent
                ),
            ],
            delete_contents_on_destroy=args.delete_contents,
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        self.register_outputs({"dataset_id": args.dataset_id})

    def table(self, endpoint_id: str, retention_days: int) -> tuple[str, gcp.bigquery.Table]:
        """(``bq://`` address, table) for one endpoint; a day's rows go after so many days."""
        args, table_id = self._args, endpoint_id.replace("-", "_")
        made = gcp.bigquery.Table(
            self._child(endpoint_id),
            dataset_id=args.dataset_id,
            table_id=table_id,
            project=args.place.project,
            description=f"Requests to {endpoint_id} and their answers",
            schema=json.dumps([{"name": n, "type": kind, "mode": m} for n, kind, m in COLUMNS]),
            time_partitioning=gcp.bigquery.TableTimePartitioningArgs(
                type="DAY", field="logging_time", expiration_ms=retention_days * _DAY_MS
            ),
            deletion_protection=not args.delete_contents,
            labels=dict(args.labels),
            opts=self._opts(depends_on=[self._dataset]),
        )
        return f"bq://{args.place.project}.{args.dataset_id}.{table_id}", made
