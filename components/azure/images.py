"""Where images are built when the registry is private.

Creates, for a component named ``NAME``:

=========  ================================================  ======
child      type                                              when
=========  ================================================  ======
``NAME``   azure-native:machinelearningservices:Compute      always
=========  ================================================  ======

The registry builds images itself while it is public. Behind a private endpoint it cannot, and
Azure ML builds them on the cluster that the workspace names ("Secure an Azure Machine Learning
workspace with virtual networks", enable Azure Container Registry).
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.azure.cluster import FIXED, ClusterArgs, cluster
from components.core.base import MlComponent


class ImageBuilder(MlComponent):
    """One cluster that is there while an image is built."""

    kind = "azure:ImageBuilder"

    def __init__(
        self,
        name: str,
        args: ClusterArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: what must exist first, for the references that are plain strings."""
        super().__init__(name, opts)
        cluster(
            name,
            args,
            pulumi.ResourceOptions.merge(
                self._opts(depends_on=[*after, args.workspace]),
                # The workspace knows one name.
                pulumi.ResourceOptions(replace_on_changes=list(FIXED), delete_before_replace=True),
            ),
        )
        self.register_outputs({"cluster_name": args.cluster_name})
