"""Addresses that alerts are mailed to: one channel of Cloud Monitoring for each, shared by all.

Creates, for a component named ``NAME``:

==================  ===================================================  ================
child               type                                                 when
==================  ===================================================  ================
``NAME-<address>``  gcp:monitoring/notificationChannel:...               each address
==================  ===================================================  ================

A channel of type ``email`` needs no verification. It outlives no policy that still names it: Cloud
Monitoring refuses to delete a channel in use.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place

_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class ChannelsArgs:
    """What a caller decides."""

    place: Place
    emails: Sequence[str]
    """Each address once."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.emails or len(set(self.emails)) != len(self.emails):
            raise ValueError(f"emails: got {list(self.emails)}, allowed: one or more, each once")


class Channels(MlComponent):
    """The channels of an environment."""

    kind = "gcp:Channels"

    names: Mapping[str, pulumi.Output[str]]
    """Address to ``projects/P/notificationChannels/N``."""

    def __init__(
        self,
        name: str,
        args: ChannelsArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: Cloud Monitoring's service."""
        super().__init__(name, opts)
        self.names = {
            email: gcp.monitoring.NotificationChannel(
                self._child(_slug(email)),
                project=args.place.project,
                type="email",
                display_name=email,
                labels={"email_address": email},
                user_labels=dict(args.labels),
                opts=self._opts(depends_on=after),
            ).name
            for email in args.emails
        }
        self.register_outputs({})


def _slug(email: str) -> str:
    """An address as part of a resource's name; two addresses never share one."""
    digest = hashlib.sha256(email.encode()).hexdigest()[:_DIGITS]
    return f"{re.sub(r'[^a-z0-9]+', '-', email.lower()).strip('-')}-{digest}"
