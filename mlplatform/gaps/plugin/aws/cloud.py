"""One AWS account and region: its settings, who the credentials belong to, and its clients.

The clients are ordinary boto3 clients; credentials, profiles and other endpoints come from the
environment as AWS documents it. boto3 is imported with the first call, so that a preview without
credentials needs none of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlplatform.gaps.plugin.fields import Text, check_texts, unknown_names
from mlplatform.provider.model import Failure, ProviderError

_SETTINGS = {
    "region": Text(
        pattern=r"[a-z]{2,4}(-[a-z]+)+-\d+",
        longest=32,
        allowed="a region such as us-east-1",
        source="botocore partitions.json, regionRegex",
    ),
    "account_id": Text(
        pattern=r"\d{12}",
        longest=12,
        allowed="the twelve digits of an AWS account, in quotes",
        source="botocore sts GetCallerIdentity, Account",
    ),
}

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)
"""Start of a region's name: partition. Source: botocore partitions.json; others are ``aws``."""

_CREDENTIAL_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_MAX_ATTEMPTS = 10
"""Throttled and failed calls are tried again by botocore, with its own growing pauses."""
_IDENTITY_TIMEOUT_S = 5


class AwsError(ProviderError):
    """AWS refused a call.

    Attributes:
        code: the error code of the service, such as ``ValidationException``.
        detail: the service's own text.
    """

    def __init__(self, operation: str, code: str, detail: str) -> None:
        super().__init__(f"{operation}: {detail} ({code})")
        self.code = code
        self.detail = detail


class AwsCloud:
    """Settings and calls of one account and region; safe for many threads."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.region: str = config["region"]
        self.account_id: str = config["account_id"]
        self._lock = threading.Lock()
        self._session: Any = None
        self._clients: dict[str, Any] = {}
        self._account_verified = False

    @staticmethod
    def check(config: Mapping[str, Any]) -> list[Failure]:
        """All that is wrong with the settings."""
        return [*unknown_names(config, _SETTINGS, "aws."), *check_texts(config, _SETTINGS, "aws.")]

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in this account and region."""
        starts = (partition for start, partition in _PARTITIONS if self.region.startswith(start))
        return f"arn:{next(starts, 'aws')}:{service}:{self.region}:{self.account_id}:{resource}"

    def verify(self, warn: Callable[[str], None]) -> None:
        """Refuse another account's credentials, where there are any to look at."""
        if not _credentials_seem_present():
            return
        try:
            self._verify_account()
        except WrongAccountError:
            raise
        except ProviderError as error:
            # A preview may go on without an account; the first real call asks again.
            warn(f"mlgap could not ask AWS whose credentials these are: {error}")

    def call(self, service: str, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a boto3 client's method.

        Raises:
            AwsError: the service refused.
            ProviderError: wrong account, no credentials, no way to AWS.
        """
        self._verify_account()
        return self._send(self.client(service), method, parameters)

    def client(self, service: str) -> Any:
        """The boto3 client of a service, such as ``sagemaker``."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def _new_client(self, service: str, **settings: Any) -> Any:
        import boto3
        from botocore.config import Config

        if self._session is None:
            self._session = boto3.session.Session(region_name=self.region)
        retries = {"mode": "standard", "total_max_attempts": _MAX_ATTEMPTS}
        config = Config(**{"retries": retries, "connect_timeout": 10, **settings})
        try:
            return self._session.client(service, config=config)
        except Exception as error:  # profiles, partitions and endpoints raise many kinds
            raise ProviderError(f"no {service} client for {self.region}: {error}") from error

    def _send(self, client: Any, method: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        operation = "".join(part.title() for part in method.split("_"))
        try:
            answer: dict[str, Any] = getattr(client, method)(**parameters)
        except ClientError as error:
            told = error.response.get("Error", {})
            code, detail = told.get("Code", "Unknown"), told.get("Message", "no message")
            raise AwsError(operation, code, detail) from error
        except BotoCoreError as error:
            raise ProviderError(f"{operation}: {error}") from error
        return answer

    def _verify_account(self) -> None:
        if self._account_verified:
            return
        with self._lock:
            if self._account_verified:
                return
            # Few tries, short waits: this must not hold up a preview that has no network.
            client = self._new_client(
                "sts",
                retries={"mode": "standard", "total_max_attempts": 2},
                connect_timeout=_IDENTITY_TIMEOUT_S,
                read_timeout=_IDENTITY_TIMEOUT_S,
            )
            account = self._send(client, "get_caller_identity", {})["Account"]
            if account != self.account_id:
                raise WrongAccountError(
                    f"the AWS credentials belong to account {account}, but this stack is for "
                    f"account {self.account_id}; nothing was changed"
                )
            self._account_verified = True


class WrongAccountError(ProviderError):
    """The credentials belong to another account than the settings name."""


def _credentials_seem_present() -> bool:
    if any(os.environ.get(name) for name in _CREDENTIAL_VARIABLES):
        return True
    files = (
        ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        ("AWS_CONFIG_FILE", "~/.aws/config"),
    )
    return any(
        Path(os.environ.get(variable) or usual).expanduser().is_file() for variable, usual in files
    )
