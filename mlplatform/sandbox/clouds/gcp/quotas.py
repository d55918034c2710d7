"""Cloud Quotas: preferences. Whatever is asked for with an address is granted at once."""

from __future__ import annotations

from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_ALL = "projects.locations.quotaPreferences"
_KEPT = ("service", "quotaId", "dimensions")


class Quotas(Documented):
    """`quotaPreferences.*`; there is no deletion."""

    def __init__(self, world: World) -> None:
        paths = r"/v1/projects/[^/]+/locations/global/quotaPreferences"
        super().__init__(world, "cloudquotas.v1", paths)
        self.hooks |= {f"{_ALL}.create": self._create, f"{_ALL}.patch": self._patch}

    def _create(self, asked: Asked) -> Document:
        return self._stored(f"{asked.name}/{asked.query.get('quotaPreferenceId', '')}", asked.body)

    def _patch(self, asked: Asked) -> Document:
        before = self.world.objects.get(self.key(asked.name))
        if before is None:
            if asked.query.get("allowMissing") != "true":
                return self.world.get(self.key(asked.name))
            return self._stored(asked.name, asked.body)
        for field in _KEPT:
            if field in asked.body and asked.body[field] != before.get(field):
                raise Refusal("INVALID_ARGUMENT", f"Field {field} is immutable.")
        return self._stored(asked.name, {**before, **asked.body}, again=True)

    def _stored(self, name: str, body: Document, *, again: bool = False) -> Document:
        for field in ("service", "quotaId", "quotaConfig"):
            if not body.get(field):
                raise Refusal("INVALID_ARGUMENT", f"Required field is not set: {field}")
        mine = [body.get(field) for field in _KEPT]
        prefix = self.key(name.rpartition("/")[0] + "/")
        for key, other in self.world.children(prefix):
            same = [other.get(field) for field in _KEPT] == mine
            if same and not (again and key == self.key(name)):
                raise Refusal("ALREADY_EXISTS", f"{other['name']} is for the same quota already.")
        if not body.get("contactEmail") and not again:
            raise Refusal("INVALID_ARGUMENT", "contact_email is required for an increase.")
        config = body["quotaConfig"]
        stored = {k: v for k, v in body.items() if k != "contactEmail"}
        now = self.world.now()
        self.world.objects[self.key(name)] = {
            **stored,
            "name": name,
            "quotaConfig": {**config, "grantedValue": config["preferredValue"]},
            "createTime": body.get("createTime", now),
            "updateTime": now,
            "etag": self.world.etag(),
        }
        return self.world.objects[self.key(name)]
