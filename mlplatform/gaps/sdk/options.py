"""Resource options that every mlgap resource needs."""

from __future__ import annotations

import pulumi

from mlplatform import __version__


def with_version(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """``opts`` with the version of the plugin that knows this resource.

    Without a version the engine takes any mlgap plugin that it finds, an older one too.
    """
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=__version__), opts)
