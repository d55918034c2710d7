"""The contract's verdict as a stand-in gives it.

A provider that refuses a resource ends the program, so that a user sees one problem a run. A
policy pack judges every resource before anything is created; when it runs, and asks the same
contracts, the stand-ins leave the verdict to it, and everything wrong comes in one list.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from mlplatform import judged
from mlplatform.provider.model import Failure

VARIABLE = "MLP_SANDBOX_JUDGE"
"""``policies``: the policy pack of this run holds the rule ``vendor-contract``."""


def failures(token: str, inputs: Mapping[str, Any], *, besides: Collection[str]) -> list[Failure]:
    """What the vendor would refuse, but for paths that were already complained of."""
    if os.environ.get(VARIABLE) == "policies":
        return []
    return judged.failures(token, inputs, besides=besides)
