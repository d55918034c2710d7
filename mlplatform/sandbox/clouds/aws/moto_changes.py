"""What is exchanged inside moto: chance, and work that costs time and is of no use here.

moto is pinned; the tests of restarts and of bucket policies fail when one of these moves.
"""

from __future__ import annotations

import os
from typing import Any

import moto.backends
import moto.kms.models
import moto.kms.utils
import moto.s3.models
from moto.moto_api._internal import mock_random

from mlplatform.sandbox.clouds.aws.bucket_policies import weigh_secure_transport


class _SeededSystem:
    """``os`` with random bytes from moto's own source, which is seeded for each request."""

    urandom = staticmethod(mock_random.randbytes)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def install() -> None:
    """Exchange the parts; a second call changes nothing more."""
    weigh_secure_transport()
    # Key material, so that what was encrypted before a restart can be decrypted after it.
    moto.kms.utils.generate_data_key = mock_random.randbytes
    # Ids of uploads in parts.
    moto.s3.models.os = _SeededSystem()
    moto.kms.models.generate_private_key = _private_key
    # moto looks through its folder on every request to find the services that it has.
    services = list(moto.backends.list_of_moto_modules())
    moto.backends.list_of_moto_modules = lambda: services


def _private_key(spec: str) -> Any:
    """None for symmetric keys: moto makes an RSA key for each, which takes 0.1 s and more.

    The private keys of asymmetric keys come from the system's randomness, so they are others
    after a restart.
    """
    if spec.startswith(("SYMMETRIC", "HMAC")):
        return None
    return moto.kms.utils.generate_private_key(spec)
