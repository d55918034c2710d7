"""KMS key that encrypts what the platform stores, and who may use it.

Creates, for a component named ``NAME``:

====================  ==================================================  ======
child                 type                                                when
====================  ==================================================  ======
``NAME``              gcp:kms/keyRing:KeyRing                             no ``existing``
``NAME-key``          gcp:kms/cryptoKey:CryptoKey                         no ``existing``
``NAME-vertex``       gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember       always
``NAME-storage``      gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember       always
``NAME-tables``       gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember       ``tables``
``NAME-images``       gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember       ``images``
====================  ==================================================  ======

Key rings and keys can never be deleted and their names never be used again, so the ring is named
automatically: after a destroy the next ``up`` makes another one. The key's name is built from the
ring's, which a preview knows.

The grants on an existing key have a digest of its id behind their names: where another key takes
over, its grants come first and the old ones stay until what the old key encrypted is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_gcp as gcp

from components.core.base import MlComponent
from components.gcp.place import Place, member

ROTATION_PERIOD_S = 90 * 86_400
"""KMS makes a new version that often; old ones stay to decrypt (CIS Google Cloud 1.10)."""
ENCRYPTER = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
KEY_NAME = "models"
_SHORTEST_ROTATION_S = 86_400
_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What a caller decides."""

    place: Place
    rotation_period_s: int = ROTATION_PERIOD_S
    existing: str | None = None
    """Name of a key that someone else looks after; None makes one. The agents are granted its use
    either way."""
    tables: bool = False
    """True lets BigQuery use the key."""
    images: bool = False
    """True lets Artifact Registry use the key."""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.rotation_period_s < _SHORTEST_ROTATION_S:
            raise ValueError(
                f"rotation_period_s: got {self.rotation_period_s}, allowed: "
                f"{_SHORTEST_ROTATION_S} (one day) or more"
            )


class Keys(MlComponent):
    """One symmetric key in the region of what it encrypts."""

    kind = "gcp:Keys"

    key_name: pulumi.Output[str]
    """``projects/P/locations/L/keyRings/R/cryptoKeys/K``. Depend on this component before using
    it: the grants must come first."""

    def __init__(
        self,
        name: str,
        args: KeysArgs,
        opts: pulumi.ResourceOptions | None = None,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """``after``: the services and agents that must be there first."""
        super().__init__(name, opts)
        place = args.place
        self.key_name = (
            pulumi.Output.from_input(args.existing) if args.existing else self._made(args, after)
        )
        agents = {"vertex": place.vertex_agent, "storage": place.storage_agent}
        if args.tables:
            agents["tables"] = place.bigquery_agent
        if args.images:
            agents["images"] = place.registry_agent
        of_key = ""
        if args.existing:
            of_key = f"-{hashlib.sha256(args.existing.encode()).hexdigest()[:_DIGITS]}"
        for suffix, email in agents.items():
            gcp.kms.CryptoKeyIAMMember(
                self._child(f"{suffix}{of_key}"),
                crypto_key_id=self.key_name,
                role=ENCRYPTER,
                member=member(email),
                opts=self._opts(depends_on=after),
            )
        self.register_outputs({"key_name": self.key_name})

    def _made(self, args: KeysArgs, after: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """The name of a new key in a ring of its own."""
        place = args.place
        ring = gcp.kms.KeyRing(
            self._name,
            project=place.project,
            location=place.region,
            opts=self._opts(depends_on=after),
        )
        ring_name = pulumi.Output.concat(place.parent, "/keyRings/", ring.name)
        key = gcp.kms.CryptoKey(
            self._child("key"),
            name=KEY_NAME,
            key_ring=ring_name,
            purpose="ENCRYPT_DECRYPT",
            rotation_period=f"{args.rotation_period_s}s",
            labels=dict(args.labels),
            opts=self._opts(),
        )
        return pulumi.Output.concat(ring_name, "/cryptoKeys/", key.name)
