"""Who the credentials belong to: STS GetCallerIdentity, in plain HTTP.

It runs when the provider is configured, so also in every preview; boto3 would cost that preview
most of its time. The local cloud takes the account from the access key and checks no signature.
"""

from __future__ import annotations

import ipaddress
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as Xml
from dataclasses import dataclass

from mlplatform.provider.model import ProviderError

_PATIENCE_S = 10
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PARTITIONS = {"cn": ("aws-cn", "amazonaws.com.cn"), "us-gov": ("aws-us-gov", "amazonaws.com")}


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The identity behind the credentials."""

    account: str
    arn: str
    user_id: str


def loopback(address: str | None) -> str:
    """The address of the local cloud; ProviderError when it is missing or not on this machine."""
    if not address:
        raise ProviderError(
            "AWS_ENDPOINT_URL is not set: the sandbox's stand-in for aws only talks to a local "
            "cloud; start one with `./mlp sandbox up`"
        )
    host = urllib.parse.urlsplit(address).hostname or ""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ProviderError(
            f"AWS_ENDPOINT_URL is {address}: the sandbox's stand-in for aws refuses every address "
            "that is not loopback"
        )
    return address


def partition(region: str) -> tuple[str, str]:
    """(partition, DNS suffix) of a region."""
    for start, found in PARTITIONS.items():
        if region.startswith(f"{start}-"):
            return found
    return "aws", "amazonaws.com"


def caller(endpoint: str, access_key: str, region: str) -> Caller:
    """The account and identity of an access key."""
    request = urllib.request.Request(
        endpoint,
        data=b"Action=GetCallerIdentity&Version=2011-06-15",
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={access_key}/20200101/{region}/sts/"
            "aws4_request, SignedHeaders=host, Signature=0",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    try:
        with _NO_PROXY.open(request, timeout=_PATIENCE_S) as answer:
            tree = Xml.fromstring(answer.read())
    except (OSError, Xml.ParseError) as error:
        raise ProviderError(f"the local AWS cloud at {endpoint} does not answer: {error}") from None
    found = {element.tag.rpartition("}")[2]: element.text or "" for element in tree.iter()}
    return Caller(account=found["Account"], arn=found["Arn"], user_id=found["UserId"])
