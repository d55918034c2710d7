"""Cloud Monitoring: alert policies and the channels that they tell; nothing is measured here.

Source: monitoring v3 discovery document. That a policy's channels must exist, and that a channel in
use stays without `force`, is read there; the words of the refusals are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlplatform.sandbox.clouds.gcp import discovery
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_MOST_CONDITIONS = 6
_KINDS = (
    "conditionAbsent",
    "conditionMatchedLog",
    "conditionMonitoringQueryLanguage",
    "conditionPrometheusQueryLanguage",
    "conditionSql",
    "conditionThreshold",
)
_CALLER = "owner@example.com"
"""Who changed something: the local cloud has one caller."""


class Alerts(Documented):
    """`projects.alertPolicies` and `projects.notificationChannels`."""

    def __init__(self, world: World) -> None:
        paths = r"/v3/projects/[^/]+/(alertPolicies|notificationChannels)"
        super().__init__(world, "monitoring.v3", paths)
        self.hooks |= {
            "projects.alertPolicies.create": self._create_policy,
            "projects.alertPolicies.patch": self._patch_policy,
            "projects.notificationChannels.create": self._create_channel,
            "projects.notificationChannels.patch": self._patch_channel,
            "projects.notificationChannels.delete": self._delete_channel,
        }

    def _create_policy(self, asked: Asked) -> Document:
        name = f"{asked.name}/{self.world.next_number()}"
        policy = self._policy(name, asked.body)
        record = self._record()
        return self._kept(name, {**policy, "creationRecord": record, "mutationRecord": record})

    def _patch_policy(self, asked: Asked) -> Document:
        current = self.world.get(self.key(asked.name))
        policy = self._policy(asked.name, self._changed(asked, current))
        return self._kept(asked.name, {**policy, "mutationRecord": self._record()})

    def _create_channel(self, asked: Asked) -> Document:
        name = f"{asked.name}/{self.world.next_number()}"
        channel = {"enabled": True, **_without(asked.body, "name", "verificationStatus")}
        _check_channel(channel)
        return self._kept(name, {**channel, "creationRecord": self._record()})

    def _patch_channel(self, asked: Asked) -> Document:
        current = self.world.get(self.key(asked.name))
        changed = self._changed(asked, current)
        _check_channel(changed)
        records = [self._record(), *current.get("mutationRecords", ())]
        return self._kept(asked.name, {**changed, "mutationRecords": records})

    def _delete_channel(self, asked: Asked) -> Document:
        self.world.get(self.key(asked.name))
        users = list(self._users(asked.name))
        if users and asked.query.get("force", "false") != "true":
            names = ", ".join(str(policy["name"]) for policy in users)
            message = f"Channel {asked.name} is used by alert policies: {names}."
            raise Refusal("FAILED_PRECONDITION", message)
        for policy in users:
            left = [c for c in policy["notificationChannels"] if c != asked.name]
            self._kept(str(policy["name"]), {**policy, "notificationChannels": left})
        return self.delete(asked)

    def _users(self, channel: str) -> Iterator[Document]:
        for _, found in list(self.world.children(f"{self.service}/projects/")):
            if channel in found.get("notificationChannels", ()):
                yield found

    def _policy(self, name: str, policy: Document) -> Document:
        """The policy with what the service adds; Refusal when it is none."""
        conditions = policy.get("conditions", [])
        if not policy.get("displayName") or not 1 <= len(conditions) <= _MOST_CONDITIONS:
            message = "A policy needs a display_name and one to six conditions."
            raise Refusal("INVALID_ARGUMENT", message)
        for condition in conditions:
            if sum(kind in condition for kind in _KINDS) != 1:
                message = "A condition must have exactly one kind."
                raise Refusal("INVALID_ARGUMENT", message)
        if any("conditionMatchedLog" in condition for condition in conditions):
            if len(conditions) > 1:
                message = "A condition_matched_log must be the only condition."
                raise Refusal("INVALID_ARGUMENT", message)
            if not policy.get("alertStrategy", {}).get("notificationRateLimit"):
                message = "Log-based policies need alert_strategy.notification_rate_limit."
                raise Refusal("INVALID_ARGUMENT", message)
        for channel in policy.get("notificationChannels", ()):
            self.world.get(self.key(str(channel)), str(channel))
        named = [
            {**condition, "name": condition.get("name") or self._condition_name(name)}
            for condition in conditions
        ]
        return {"enabled": True, **policy, "conditions": named}

    def _condition_name(self, policy: str) -> str:
        return f"{policy}/conditions/{self.world.next_number()}"

    def _changed(self, asked: Asked, current: Document) -> Document:
        """The object with the fields of the mask, or without one with the body's."""
        fields = discovery.schema(self.document, asked.route.detail["request"])["properties"]
        changed = dict(current)
        mask = [p.split(".")[0] for p in asked.query.get("updateMask", "").split(",") if p]
        for field in mask or list(asked.body):
            if field not in fields:
                raise Refusal("INVALID_ARGUMENT", f"Invalid field in update_mask: {field}")
            if field in asked.body:
                changed[field] = asked.body[field]
            else:
                changed.pop(field, None)
        return changed

    def _kept(self, name: str, value: Document) -> Document:
        self.world.objects[self.key(name)] = {**value, "name": name}
        return self.world.objects[self.key(name)]

    def _record(self) -> dict[str, Any]:
        return {"mutateTime": self.world.now(), "mutatedBy": _CALLER}


def _check_channel(channel: Document) -> None:
    if not channel.get("type"):
        raise Refusal("INVALID_ARGUMENT", "Field type must be set.")
    if channel["type"] == "email" and not channel.get("labels", {}).get("email_address"):
        raise Refusal("INVALID_ARGUMENT", "Label email_address is required for type email.")


def _without(value: Document, *names: str) -> Document:
    return {key: inner for key, inner in value.items() if key not in names}
