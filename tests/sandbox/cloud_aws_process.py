"""The local AWS as tests use it: a process of its own, asked by plain boto3."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

DEADLINE_S = 30.0
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
CONFIG = Config(
    retries={"total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=20,
    s3={"addressing_style": "path"},
)


class LocalAws:
    """One process of the local AWS on a folder; it can be killed and started again."""

    def __init__(self, directory: Path, *, delay_s: float) -> None:
        self.directory = directory
        self._delay_s = delay_s
        self.start()

    def start(self) -> None:
        address = self.directory / "address.json"
        former = address.stat().st_mtime_ns if address.exists() else 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlplatform.sandbox.clouds.aws", "--dir", str(self.directory)],
            env={**os.environ, "MLP_SANDBOX_DELAY_S": str(self._delay_s)},
        )
        until(
            lambda: (
                self._process.poll() is not None
                or (address.exists() and address.stat().st_mtime_ns != former)
            )
        )
        assert self._process.poll() is None, "the local AWS ended while starting"
        self.address: dict[str, Any] = json.loads(address.read_text())
        self.url: str = self.address["public"]["endpoint_url"]

    def __enter__(self) -> LocalAws:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        self._process.terminate()
        return self._process.wait(DEADLINE_S)

    def client(self, service: str, account: str = "123456789012") -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=f"MLPSANDBOX{account}",
            aws_secret_access_key="any",
            config=CONFIG,
        )

    def control(self, method: str, path: str, value: Any = None) -> Any:
        """Ask the control API; HTTPError when it refuses."""
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def fault(self, operation: str, kind: str, **more: Any) -> None:
        self.control("POST", "faults", {"operation": operation, "kind": kind, **more})


def until(holds: Callable[[], Any], *, every_s: float = 0.02) -> Any:
    """Ask again and again until the answer is true; return it. Fails at the deadline."""
    end = time.monotonic() + DEADLINE_S
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(every_s)


def refused(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """Code and message of the refusal that the call gets."""
    try:
        call(**params)
    except ClientError as error:
        told = error.response["Error"]
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] < 500
        return told["Code"], told["Message"]
    raise AssertionError("the call was not refused")


def statuses(sagemaker: Any, name: str, last: str = "InService") -> list[str]:
    """The states that the endpoint goes through until ``last``, each once."""
    seen: list[str] = []

    def done() -> bool:
        status = sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]
        if status not in seen[-1:]:
            seen.append(status)
        return bool(seen[-1] == last)

    until(done)
    return seen


def reading(prefix: str) -> str:
    """A policy that lets a role read a stage's artifacts."""
    bucket = f"arn:aws:s3:::{prefix}-artifacts"
    allow = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [bucket, f"{bucket}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [allow]})


class Stage:
    """A role, a bucket with an artifact and two models, ready for endpoints."""

    def __init__(self, aws: LocalAws, prefix: str) -> None:
        self.aws, self.prefix = aws, prefix
        self.sagemaker = aws.client("sagemaker")
        self.scaling = aws.client("application-autoscaling")
        iam, s3 = aws.client("iam"), aws.client("s3")
        role = iam.create_role(RoleName=f"{prefix}-role", AssumeRolePolicyDocument=TRUST)["Role"]
        self.role: str = role["Arn"]
        iam.put_role_policy(
            RoleName=f"{prefix}-role", PolicyName="read", PolicyDocument=reading(prefix)
        )
        s3.create_bucket(Bucket=f"{prefix}-artifacts")
        s3.put_object(Bucket=f"{prefix}-artifacts", Key="model.tar.gz", Body=b"weights")
        self.artifact = f"s3://{prefix}-artifacts/model.tar.gz"
        # SageMaker learns of a new role a moment later.
        until(lambda: self._try_model(f"{prefix}-a"))
        self._try_model(f"{prefix}-b")

    def _try_model(self, name: str) -> bool:
        """Whether the model could be made; it cannot while the role is unknown."""
        container = {"Image": IMAGE, "ModelDataUrl": self.artifact}
        try:
            self.sagemaker.create_model(
                ModelName=name, ExecutionRoleArn=self.role, PrimaryContainer=container
            )
        except ClientError as error:
            assert "Could not assume role" in error.response["Error"]["Message"]
            return False
        return True

    def variant(self, name: str, **more: Any) -> dict[str, Any]:
        return {
            "VariantName": name,
            "ModelName": f"{self.prefix}-a",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1.0,
            **more,
        }

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> str:
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=list(variants), **more
        )
        return name

    def endpoint(self, name: str, *variants: dict[str, Any]) -> str:
        """An endpoint in service."""
        self.config(f"{name}-1", *variants)
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-1")
        statuses(self.sagemaker, name)
        return name

    def live(self, name: str) -> dict[str, tuple[int, float]]:
        """Count and weight of each variant as they serve now."""
        rows = self.sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"]
        return {r["VariantName"]: (r["CurrentInstanceCount"], r["CurrentWeight"]) for r in rows}

    def register(self, endpoint: str, variant: str, **more: Any) -> dict[str, Any]:
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
            "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        }
        bounds = {"MinCapacity": 1, "MaxCapacity": 4, **more}
        self.scaling.register_scalable_target(**target, **bounds)
        return target
