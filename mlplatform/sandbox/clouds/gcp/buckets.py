"""Cloud Storage's JSON API: buckets, their policies, objects with generations.

Sources: storage v1 discovery document; cloud.google.com/storage/docs/json_api.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from mlplatform.sandbox.clouds.gcp import discovery, keyrings, policies
from mlplatform.sandbox.clouds.gcp.call import Answer, Call, Match
from mlplatform.sandbox.clouds.gcp.contents import Contents
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_DOCUMENT = "storage.v1"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_MULTI = {"US": "us", "EU": "europe", "ASIA": "asia"}
_PATH = re.compile(r"/storage/v1/b(?:/([^/]+)(?:/(o|iam)(?:/(.+))?)?)?")
_METHODS = {
    ("GET", "b"): "buckets.list",
    ("POST", "b"): "buckets.insert",
    ("GET", "bucket"): "buckets.get",
    ("PATCH", "bucket"): "buckets.patch",
    ("PUT", "bucket"): "buckets.update",
    ("DELETE", "bucket"): "buckets.delete",
    ("GET", "iam"): "buckets.getIamPolicy",
    ("PUT", "iam"): "buckets.setIamPolicy",
    ("GET", "o"): "objects.list",
    ("GET", "objects"): "objects.get",
    ("PATCH", "objects"): "objects.patch",
    ("PUT", "objects"): "objects.update",
    ("DELETE", "objects"): "objects.delete",
}
_CREATION_ONLY = ("location", "hierarchicalNamespace", "customPlacementConfig", "name")


class Buckets:
    """`/storage/v1` and the upload and download paths beside it."""

    def __init__(self, world: World, origin: str) -> None:
        self.world = world
        self._contents = Contents(world, origin)

    def match(self, call: Call) -> Match | None:
        """Buckets here, contents of objects in `contents`."""
        path = call.path
        if path.startswith(("/upload/storage/", "/resumable/upload/", "/download/storage/")):
            return self._contents.match(call)
        if not path.startswith("/storage/v1/"):
            return None
        agent = re.fullmatch(r"/storage/v1/projects/([^/]+)/serviceAccount", path)
        if agent is not None:
            return _match("projects.serviceAccount.get", lambda: self._agent(agent[1]))
        if call.query.get("alt") == "media" and "/o/" in path:
            return self._contents.match(call)
        named = _PATH.fullmatch(path)
        if named is None:
            return None
        bucket, kind, rest = named.groups()
        if kind == "o":
            collection = "objects" if rest else "o"
        else:
            collection = kind or ("bucket" if bucket else "b")
        method = _METHODS.get((call.http, collection))
        if method is None:
            return None
        if kind == "o":
            return self._contents.match_object(call, method, bucket, rest)
        if kind == "iam":
            return _match(method, lambda: self._policy(call, bucket))
        runs = {
            "buckets.insert": lambda: self._insert(call),
            "buckets.list": lambda: self._list(call),
            "buckets.get": lambda: self._bucket(bucket),
            "buckets.patch": lambda: self._patch(call, bucket, whole=False),
            "buckets.update": lambda: self._patch(call, bucket, whole=True),
            "buckets.delete": lambda: self._delete(bucket),
        }
        return _match(method, runs[method])

    def _bucket(self, name: str) -> Document:
        found = self.world.objects.get(f"storage/b/{name}")
        if found is None:
            raise Refusal("NOT_FOUND", "The specified bucket does not exist.")
        return found

    def _insert(self, call: Call) -> Document:
        body = call.body()
        discovery.check(_DOCUMENT, {"$ref": "Bucket"}, body)
        name = str(body.get("name", ""))
        if not _BUCKET.fullmatch(name) or "goog" in name[:4]:
            raise Refusal("INVALID_ARGUMENT", f"Invalid bucket name: '{name}'")
        if not call.query.get("project"):
            raise Refusal("INVALID_ARGUMENT", "Required parameter: project")
        if f"storage/b/{name}" in self.world.objects:
            message = "Your previous request to create the named bucket succeeded and you own it."
            raise Refusal("ALREADY_EXISTS", message)
        location = str(body.get("location") or "US").upper()
        number = self.world.project_number(call.query["project"])
        now = self.world.now()
        bucket = {
            "storageClass": "STANDARD",
            **{k: v for k, v in body.items() if v is not None},
            "kind": "storage#bucket",
            "id": name,
            "selfLink": f"https://www.googleapis.com/storage/v1/b/{quote(name)}",
            "projectNumber": number,
            "location": location,
            "locationType": "multi-region" if location in _MULTI else "region",
            "metageneration": "1",
            "timeCreated": now,
            "updated": now,
            "etag": self.world.etag(),
        }
        bucket.setdefault("softDeletePolicy", {"retentionDurationSeconds": "604800"})
        self._check_key(bucket, number)
        self.world.objects[f"storage/b/{name}"] = _consistent(bucket)
        return self._bucket(name)

    def _list(self, call: Call) -> Document:
        number = self.world.project_number(call.query.get("project", "-"))
        found = [
            bucket
            for key, bucket in self.world.children("storage/b/")
            if key.count("/") == 2 and bucket["projectNumber"] == number
        ]
        prefix = call.query.get("prefix", "")
        return {
            "kind": "storage#buckets",
            "items": [b for b in found if str(b["name"]).startswith(prefix)],
        }

    def _patch(self, call: Call, name: str, *, whole: bool) -> Document:
        body = call.body()
        discovery.check(_DOCUMENT, {"$ref": "Bucket"}, body)
        before = self._bucket(name)
        match = call.query.get("ifMetagenerationMatch")
        if match not in (None, before["metageneration"]):
            raise Refusal("FAILED_PRECONDITION", "At least one condition did not hold.", http=412)
        for field in _CREATION_ONLY:
            given = body.get(field, before.get(field))
            if field == "location":
                given = str(given).upper()
            if given != before.get(field):
                raise Refusal("INVALID_ARGUMENT", f"Bucket {field} cannot be changed.")
        lock = before.get("retentionPolicy", {})
        after = merged({} if whole else before, body)
        period = int(after.get("retentionPolicy", {}).get("retentionPeriod", 0))
        if lock.get("isLocked") and period < int(lock["retentionPeriod"]):
            message = "Cannot reduce the retention duration of a locked Retention Policy."
            raise Refusal("PERMISSION_DENIED", message)
        kept = ("kind", "id", "selfLink", "projectNumber", "location", "timeCreated", "name")
        after |= {k: before[k] for k in (*kept, "locationType")}
        after |= {
            "metageneration": str(int(before["metageneration"]) + 1),
            "updated": self.world.now(),
            "etag": self.world.etag(),
        }
        self._check_key(after, str(before["projectNumber"]))
        self.world.objects[f"storage/b/{name}"] = _consistent(after)
        return self._bucket(name)

    def _delete(self, name: str) -> None:
        self._bucket(name)
        if any(True for _ in self.world.children(f"storage/b/{name}/o/")):
            message = "The bucket you tried to delete is not empty."
            raise Refusal("ALREADY_EXISTS", message)
        del self.world.objects[f"storage/b/{name}"]
        self.world.policies.pop(f"storage/b/{name}", None)

    def _policy(self, call: Call, name: str) -> Document:
        self._bucket(name)
        key = f"storage/b/{name}"
        if "testPermissions" in call.path:
            return {"permissions": [call.query.get("permissions", "")]}
        if call.http == "GET":
            policy = policies.read(self.world, key)
        else:
            body = call.body()
            discovery.check(_DOCUMENT, {"$ref": "Policy"}, body)
            self._no_public(name, body)
            policy = policies.write(self.world, key, body)
        return {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{name}", **policy}

    def _no_public(self, name: str, policy: Document) -> None:
        configuration = self._bucket(name).get("iamConfiguration", {})
        if configuration.get("publicAccessPrevention") != "enforced":
            return
        for _, member in policies.members(policy):
            if member in ("allUsers", "allAuthenticatedUsers"):
                message = "The member bindings allUsers and allAuthenticatedUsers are not allowed "
                message += "since public access prevention is enforced."
                raise Refusal("FAILED_PRECONDITION", message, http=412)

    def _agent(self, project: str) -> Document:
        """Asking for the agent makes it (cloud.google.com/storage/docs/projects)."""
        number = self.world.project_number(project)
        email = f"service-{number}@gs-project-accounts.iam.gserviceaccount.com"
        self.world.objects[policies.agent_key(email)] = {"email": email}
        return {"kind": "storage#serviceAccount", "email_address": email}

    def _check_key(self, bucket: Document, number: str) -> None:
        key = bucket.get("encryption", {}).get("defaultKmsKeyName")
        if key:
            location = str(bucket["location"])
            agent = f"service-{number}@gs-project-accounts.iam.gserviceaccount.com"
            keyrings.usable_by(self.world, key, _MULTI.get(location, location), agent)


def merged(before: Document, change: Document) -> Document:
    """JSON merge: null removes, objects merge, everything else replaces (RFC 7396)."""
    after = dict(before)
    for key, value in change.items():
        if value is None:
            after.pop(key, None)
        elif isinstance(value, dict) and isinstance(after.get(key), dict):
            after[key] = merged(after[key], value)
        elif isinstance(value, dict):
            after[key] = merged({}, value)
        else:
            after[key] = value
    return after


def _consistent(bucket: Document) -> Document:
    """Without null members; the old name of uniform access repeats the new one."""
    configuration = bucket.get("iamConfiguration")
    if configuration and "uniformBucketLevelAccess" in configuration:
        configuration["bucketPolicyOnly"] = configuration["uniformBucketLevelAccess"]
    return bucket


def _match(method: str, run: object) -> Match:
    def answer() -> Answer:
        value = run() if callable(run) else None
        return Answer(value=value) if value is not None else Answer(status=204, content=b"")

    return Match(operation=f"storage.{method}", run=answer)
