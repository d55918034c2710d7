"""The data sources (invokes) that programs use most; any other is refused by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlplatform.provider.model import ProviderError
from mlplatform.sandbox.providers import aws_account as account

if TYPE_CHECKING:
    from mlplatform.sandbox.providers.aws import Aws

_DOCUMENT_VERSION = "2012-10-17"


def invoke(provider: Aws, token: str, args: dict[str, Any]) -> dict[str, Any]:
    """The result of a data source."""
    name = token.rpartition(":")[2]
    region = str(args.get("region") or provider.region)
    partition, suffix = account.partition(region)
    if name == "getCallerIdentity":
        caller = provider.caller
        return {
            "id": caller.account,
            "accountId": caller.account,
            "arn": caller.arn,
            "userId": caller.user_id,
        }
    if name == "getRegion":
        endpoint = f"ec2.{region}.{suffix}"
        return {
            "id": region,
            "name": region,
            "region": region,
            "description": region,
            "endpoint": endpoint,
        }
    if name == "getPartition":
        reverse = ".".join(reversed(suffix.split(".")))
        return {
            "id": partition,
            "partition": partition,
            "dnsSuffix": suffix,
            "reverseDnsPrefix": reverse,
        }
    if name == "getPolicyDocument":
        text = json.dumps(policy_document(args), indent=2)
        return {
            "id": "policy",
            "json": text,
            "minifiedJson": json.dumps(policy_document(args)),
            **args,
        }
    raise ProviderError(
        f"{token}: the sandbox does not know this function; it knows getCallerIdentity, getRegion, "
        "getPartition, getPolicyDocument"
    )


def policy_document(args: dict[str, Any]) -> dict[str, Any]:
    """The JSON policy that `aws.iam.getPolicyDocument` describes."""
    document: dict[str, Any] = {"Version": args.get("version") or _DOCUMENT_VERSION}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = [_statement(one) for one in args.get("statements") or ()]
    return document


def _statement(given: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"Effect": given.get("effect") or "Allow"}
    if given.get("sid"):
        out = {"Sid": given["sid"], **out}
    for name, member in (
        ("actions", "Action"),
        ("notActions", "NotAction"),
        ("resources", "Resource"),
        ("notResources", "NotResource"),
    ):
        if given.get(name):
            values = given[name]
            out[member] = values[0] if len(values) == 1 else values
    for name, member in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        for entry in given.get(name) or ():
            values = entry["identifiers"]
            if entry["type"] == "*":
                out[member] = "*"
            else:
                one_or_all = values[0] if len(values) == 1 else values
                out.setdefault(member, {})[entry["type"]] = one_or_all
    for entry in given.get("conditions") or ():
        values = entry["values"]
        test = out.setdefault("Condition", {}).setdefault(entry["test"], {})
        test[entry["variable"]] = values[0] if len(values) == 1 else values
    return out
