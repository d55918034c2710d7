"""Network settings that are lists of calls: rules of a security group, members of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlplatform.contracts.aws.encode import encode

if TYPE_CHECKING:
    from mlplatform.sandbox.providers.aws_action import Action


def rules(action: Action) -> None:
    """The group has exactly the declared rules; AWS gives every new one a rule that lets all
    out.
    """
    found = action.api("DescribeSecurityGroups", {"GroupIds": [action.id]})["SecurityGroups"][0]
    for direction, member, verb in (
        ("ingress", "IpPermissions", "Ingress"),
        ("egress", "IpPermissionsEgress", "Egress"),
    ):
        declared = action.inputs.get(direction)
        if declared is None and direction == "ingress":
            continue
        old = found.get(member) or []
        new = [_permission(action, direction, rule) for rule in declared or ()]
        if old:
            params = {"GroupId": action.id, "IpPermissions": old}
            action.api(f"RevokeSecurityGroup{verb}", params)
        if new:
            params = {"GroupId": action.id, "IpPermissions": new}
            action.api(f"AuthorizeSecurityGroup{verb}", params)


def _permission(action: Action, direction: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    element = action.plan.properties[direction].element
    assert element is not None
    made: dict[str, Any] = encode(element, rule)
    if rule.get("self") in (True, "true"):
        made.setdefault("UserIdGroupPairs", []).append({"GroupId": action.id})
    if rule.get("description"):
        for member in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"):
            for entry in made.get(member, ()):
                entry["Description"] = rule["description"]
    return made


def members(action: Action, changed: set[str]) -> None:
    """Route tables, subnets and groups of an endpoint change by what is added and what is
    removed.
    """
    params: dict[str, Any] = {}
    for name, member in (
        ("routeTableIds", "RouteTableIds"),
        ("subnetIds", "SubnetIds"),
        ("securityGroupIds", "SecurityGroupIds"),
    ):
        if name in changed:
            old, new = set(action.outputs.get(name) or ()), set(action.inputs.get(name) or ())
            params |= {f"Add{member}": sorted(new - old), f"Remove{member}": sorted(old - new)}
    params = {name: ids for name, ids in params.items() if ids}
    if params:
        action.api("ModifyVpcEndpoint", {"VpcEndpointId": action.id, **params})
