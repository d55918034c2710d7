"""IAM members: one member in one role, read, changed and written back with the policy's etag."""

from __future__ import annotations

from typing import Any

from mlplatform.contracts.gcp import encode, names
from mlplatform.contracts.gcp.plan import Plan
from mlplatform.provider.model import Context, NotFound, ProviderError
from mlplatform.sandbox.providers.gcp_rest import Refused, Rest

_TRIES = 12
_FIRST_WAIT_S = 0.05
_LONGEST_WAIT_S = 1.0


def add(rest: Rest, ctx: Context, plan: Plan, inputs: dict[str, Any]) -> dict[str, Any]:
    """Put the member into the role; it may be there already. Returns the outputs."""
    policy = _change(rest, ctx, plan, inputs, present=True)
    return _outputs(inputs, policy)


def remove(rest: Rest, ctx: Context, plan: Plan, inputs: dict[str, Any]) -> None:
    """Take the member out of the role; an object or member that is gone is no error."""
    try:
        _change(rest, ctx, plan, inputs, present=False)
    except NotFound:
        return


def read(rest: Rest, ctx: Context, plan: Plan, inputs: dict[str, Any]) -> dict[str, Any]:
    """The outputs; NotFound when the member is not in the role."""
    policy = rest.call(ctx, encode.read_policy(plan, inputs))
    binding = _binding(policy, inputs)
    if binding is None or inputs["member"] not in binding.get("members", ()):
        raise NotFound(f"{inputs['member']} is not in {inputs['role']}")
    return _outputs(inputs, policy)


def _change(
    rest: Rest, ctx: Context, plan: Plan, inputs: dict[str, Any], *, present: bool
) -> dict[str, Any]:
    wait_s = _FIRST_WAIT_S
    for attempt in range(_TRIES):
        policy = rest.call(ctx, encode.read_policy(plan, inputs))
        if not _edit(policy, inputs, present=present):
            return dict(policy)
        try:
            written = rest.call(ctx, encode.write_policy(plan, inputs, policy))
            return dict(written)
        except Refused as refused:
            raced = refused.http == 409
            # A service account that was just made is not known everywhere for a while.
            unknown = refused.http == 400 and "does not exist" in str(refused)
            if not (raced or unknown) or attempt == _TRIES - 1:
                raise
        ctx.wait(wait_s)
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
    raise ProviderError("the policy kept changing")


def _edit(policy: dict[str, Any], inputs: dict[str, Any], *, present: bool) -> bool:
    """Change the policy in place; False when it is already as wanted."""
    binding = _binding(policy, inputs)
    member = inputs["member"]
    if present == (binding is not None and member in binding.get("members", ())):
        return False
    if binding is None:
        binding = {"role": inputs["role"], "members": []}
        if inputs.get("condition"):
            binding["condition"] = inputs["condition"]
            policy["version"] = 3
        policy.setdefault("bindings", []).append(binding)
    if present:
        binding["members"] = [*binding.get("members", ()), member]
    else:
        binding["members"] = [m for m in binding["members"] if m != member]
        policy["bindings"] = [b for b in policy["bindings"] if b.get("members")]
    return True


def _binding(policy: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any] | None:
    for binding in policy.get("bindings", ()):
        same = (binding.get("condition") or None) == (inputs.get("condition") or None)
        if binding["role"] == inputs["role"] and same:
            found: dict[str, Any] = binding
            return found
    return None


def _outputs(inputs: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    given = {k: v for k, v in inputs.items() if v is not None and not k.startswith("__")}
    return {**given, "etag": policy.get("etag", "")}


def identity(plan: Plan, inputs: dict[str, Any]) -> str:
    """The binding's id."""
    return names.member_id(plan, inputs)
