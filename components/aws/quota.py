"""Requests for more instances than the account may have.

Creates, for a component named ``NAME`` and each quota ``Q``:

============  ==========================================  ======
child         type                                        when
============  ==========================================  ======
``NAME-Q``    aws:servicequotas/serviceQuota:ServiceQuota always
============  ==========================================  ======

A request is no promise: AWS answers in minutes or days, and may refuse; the provider does not wait.
Removing one takes nothing back (terraform-provider-aws service_quota.go).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.core.base import MlComponent

SERVICE = "sagemaker"


class Quotas(MlComponent):
    """What is asked for."""

    kind = "aws:Quotas"

    def __init__(
        self,
        name: str,
        *,
        wanted: Mapping[str, tuple[str, int]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``wanted``: a quota's name to its code and the value to ask for."""
        super().__init__(name, opts)
        for quota, (code, value) in wanted.items():
            aws.servicequotas.ServiceQuota(
                self._child(re.sub(r"[^a-z0-9]+", "-", quota.lower())),
                service_code=SERVICE,
                quota_code=code,
                value=value,
                opts=self._opts(),
            )
        self.register_outputs({})
