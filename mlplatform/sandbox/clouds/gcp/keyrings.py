"""Cloud KMS: key rings that stay for ever, keys whose versions can be destroyed and restored.

Source: cloudkms v1 discovery document; cloud.google.com/kms/docs/destroy-restore.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from mlplatform.sandbox.clouds.gcp import policies
from mlplatform.sandbox.clouds.gcp.documented import Asked, Documented
from mlplatform.sandbox.clouds.gcp.refusal import Refusal
from mlplatform.sandbox.clouds.gcp.world import Document, World

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,63}")
_DESTROY_AFTER_S = 30 * 86_400
ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


class KeyRings(Documented):
    """`projects.locations.keyRings` with keys and versions."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "cloudkms.v1", r"/v1/projects/[^/]+/locations/[^/]+/keyRings")
        ring, key = "projects.locations.keyRings", "projects.locations.keyRings.cryptoKeys"
        self.hooks |= {
            f"{ring}.create": self._create_ring,
            f"{key}.create": self._create_key,
            f"{key}.get": lambda a: self._shown(self.world.get(self.key(a.name))),
            f"{key}.patch": self._patch_key,
            f"{key}.cryptoKeyVersions.create": lambda a: self._add_version(self._key_of(a.name)),
            f"{key}.cryptoKeyVersions.destroy": self._destroy,
            f"{key}.cryptoKeyVersions.restore": self._restore,
            f"{ring}.delete": self._no_deletion,
            f"{key}.delete": self._no_deletion,
        }

    def _create_ring(self, asked: Asked) -> Document:
        self._good_name(asked.query.get("keyRingId", ""))
        made = self.create(asked)
        return {k: made[k] for k in ("name", "createTime")}

    def _create_key(self, asked: Asked) -> Document:
        self._good_name(asked.query.get("cryptoKeyId", ""))
        purpose = asked.body.get("purpose")
        if purpose in (None, "CRYPTO_KEY_PURPOSE_UNSPECIFIED"):
            raise Refusal("INVALID_ARGUMENT", "CryptoKey.purpose must be specified.")
        if asked.body.get("rotationPeriod") and not asked.body.get("nextRotationTime"):
            message = "next_rotation_time must be set when rotation_period is set."
            raise Refusal("INVALID_ARGUMENT", message)
        template = {
            "protectionLevel": "SOFTWARE",
            "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION",
            **asked.body.get("versionTemplate", {}),
        }
        after = asked.body.get("destroyScheduledDuration", f"{_DESTROY_AFTER_S}s")
        made = self.create(
            asked, extra={"versionTemplate": template, "destroyScheduledDuration": after}
        )
        if asked.query.get("skipInitialVersionCreation", "false") != "true":
            self._add_version(made["name"])
        return self._shown(made)

    def _patch_key(self, asked: Asked) -> Document:
        key = self.world.get(self.key(asked.name))
        mask = [p for p in asked.query.get("updateMask", "").split(",") if p]
        if not mask:
            raise Refusal("INVALID_ARGUMENT", "update_mask is required.")
        if {p.split(".")[0] for p in mask} & {"purpose", "importOnly", "destroyScheduledDuration"}:
            raise Refusal("INVALID_ARGUMENT", "The field is immutable.")
        rotating = "rotationPeriod" in mask and asked.body.get("rotationPeriod")
        if rotating and not (asked.body.get("nextRotationTime") or key.get("nextRotationTime")):
            message = "next_rotation_time must be set when rotation_period is set."
            raise Refusal("INVALID_ARGUMENT", message)
        return self._shown(self.patch(asked))

    def _add_version(self, key_name: str) -> Document:
        key = self.world.get(self.key(key_name))
        count = sum(1 for _ in self.world.children(f"{self.key(key_name)}/cryptoKeyVersions/"))
        version = {
            "name": f"{key_name}/cryptoKeyVersions/{count + 1}",
            "state": "ENABLED",
            "createTime": self.world.now(),
            "generateTime": self.world.now(),
            **key["versionTemplate"],
        }
        self.world.objects[self.key(version["name"])] = version
        return version

    def _destroy(self, asked: Asked) -> Document:
        version = self.world.get(self.key(asked.name))
        if version["state"] not in ("ENABLED", "DISABLED"):
            message = f"{asked.name} is {version['state']}, it cannot be destroyed."
            raise Refusal("FAILED_PRECONDITION", message)
        key = self.world.get(self.key(self._key_of(asked.name)))
        wait = timedelta(seconds=float(key["destroyScheduledDuration"].rstrip("s")))
        gone = (datetime.now(UTC) + wait).isoformat().replace("+00:00", "Z")
        version = {**version, "state": "DESTROY_SCHEDULED", "destroyTime": gone}
        self.world.objects[self.key(asked.name)] = version
        return version

    def _restore(self, asked: Asked) -> Document:
        version = self.world.get(self.key(asked.name))
        if version["state"] != "DESTROY_SCHEDULED":
            message = f"{asked.name} is {version['state']}, it cannot be restored."
            raise Refusal("FAILED_PRECONDITION", message)
        version = {k: v for k, v in version.items() if k != "destroyTime"}
        self.world.objects[self.key(asked.name)] = {**version, "state": "DISABLED"}
        return self.world.objects[self.key(asked.name)]

    def _no_deletion(self, asked: Asked) -> Document:
        message = f"{asked.name} has versions that are not destroyed, so it cannot be deleted."
        raise Refusal("FAILED_PRECONDITION", message)

    def _shown(self, key: Document) -> Document:
        """With the primary version, which rotates with the key."""
        versions = self.world.children(f"{self.key(key['name'])}/cryptoKeyVersions/")
        usable = [v for _, v in versions if v["state"] == "ENABLED"]
        return {**key, "primary": usable[-1]} if usable else key

    @staticmethod
    def _key_of(name: str) -> str:
        return name.split("/cryptoKeyVersions")[0]

    @staticmethod
    def _good_name(name: str) -> None:
        if not _NAME.fullmatch(name):
            raise Refusal("INVALID_ARGUMENT", f"Invalid resource id: {name!r}")


def usable_by(world: World, key: str, location: str, agent: str) -> None:
    """Refuse unless the key lives in the location and the service's agent may use it."""
    if f"/locations/{location.lower()}/" not in key:
        message = f"The key {key} must be in the location {location.lower()}."
        raise Refusal("INVALID_ARGUMENT", message)
    world.get(f"cloudkms/{key}", key)
    versions = world.children(f"cloudkms/{key}/cryptoKeyVersions/")
    if not any(v["state"] == "ENABLED" for _, v in versions):
        raise Refusal("FAILED_PRECONDITION", f"The key {key} has no enabled version.")
    member = f"serviceAccount:{agent}"
    ring, project = key.split("/cryptoKeys")[0], "/".join(key.split("/")[:2])
    owners = (f"cloudkms/{key}", f"cloudkms/{ring}", f"cloudresourcemanager/{project}")
    if not any(policies.grants(world, owner, member, ENCRYPTER) for owner in owners):
        message = (
            f"Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied on resource '{key}': "
            f"grant {ENCRYPTER} to {agent}."
        )
        raise Refusal("PERMISSION_DENIED", message)
