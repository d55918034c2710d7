"""Cloud Storage bucket for model artifacts: versioned, encrypted, never public.

Creates, for a component named ``NAME``:

===================  =======================================  ==========
child                type                                     when
===================  =======================================  ==========
``NAME``             gcp:storage/bucket:Bucket                always
``NAME-<upload>``    gcp:storage/bucketObject:BucketObject    ``upload``
===================  =======================================  ==========

Only IAM decides about access (no ACLs), and no binding can make anything public.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """What a caller decides."""

    place: Place
    bucket: str
    """Physical name, unique among all buckets of Google Cloud."""
    key_name: pulumi.Input[str]
    """Default encryption of every object. Required: there is no unencrypted mode."""
    force_destroy: bool = False
    """True deletes what is left in the bucket with it; keep False where data matters."""
    log_bucket: str | None = None
    """An existing bucket that takes this one's access logs."""
    labels: Mapping[str, str] = field(default_factory=dict)


class Storage(MlComponent):
    """One bucket with its guards."""

    kind = "gcp:Storage"

    bucket: str
    """Known at preview. Depend on this component before using it."""

    def __init__(
        self,
        name: str,
        args: StorageArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the key's grants, without which Cloud Storage refuses the key."""
        super().__init__(name, opts)
        self.bucket = args.bucket
        self._bucket = gcp.storage.Bucket(
            name,
            name=args.bucket,
            project=args.place.project,
            location=args.place.region,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning=gcp.storage.BucketVersioningArgs(enabled=True),
            encryption=gcp.storage.BucketEncryptionArgs(default_kms_key_name=args.key_name),
            logging=gcp.storage.BucketLoggingArgs(
                log_bucket=args.log_bucket, log_object_prefix=args.bucket
            )
            if args.log_bucket
            else None,
            force_destroy=args.force_destroy,
            labels=dict(args.labels),
            opts=self._opts(depends_on=after),
        )
        self.register_outputs({"bucket": self.bucket})

    def upload(self, suffix: str, path: Path, object_name: str) -> gcp.storage.BucketObject:
        """Put a local file into the bucket; name it by its content, so that a new file is new.

        It is never protected: the project has it, and a new one could not take its place.
        """
        return gcp.storage.BucketObject(
            self._child(suffix),
            bucket=self._bucket.name,
            name=object_name,
            source=pulumi.FileAsset(str(path)),
            opts=pulumi.ResourceOptions.merge(self._opts(), pulumi.ResourceOptions(protect=False)),
        )
