"""Service Quotas of SageMaker on the local AWS, through boto3."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.cloud_aws_process import LocalAws

SPOT = {"ServiceCode": "sagemaker", "QuotaCode": "L-944F78BB"}


def test_a_request_is_pending_then_approved_and_survives_a_kill(tmp_path: Path) -> None:
    with LocalAws(tmp_path, delay_s=0.3) as local:
        quotas = local.client("service-quotas")
        assert quotas.get_service_quota(**SPOT)["Quota"]["Value"] == 0.0, "GPUs begin at nothing"
        made = quotas.request_service_quota_increase(**SPOT, DesiredValue=4)["RequestedQuota"]
        assert made["Status"] == "PENDING"
        with pytest.raises(ClientError, match="Only one open request"):
            quotas.request_service_quota_increase(**SPOT, DesiredValue=8)
        time.sleep(0.35)
        (asked,) = quotas.list_requested_service_quota_change_history_by_quota(**SPOT)[
            "RequestedQuotas"
        ]
        assert asked["Status"] == "APPROVED"
        with pytest.raises(ClientError, match="greater than the current"):
            quotas.request_service_quota_increase(**SPOT, DesiredValue=2)
        local.kill()
        local.start()
        found = local.client("service-quotas").get_service_quota(**SPOT)["Quota"]
        assert (found["Value"], found["QuotaName"]) == (
            4.0,
            "ml.g4dn.xlarge for spot training job usage",
        )
        with pytest.raises(ClientError, match="NoSuchResource"):
            quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode="L-00000000")
