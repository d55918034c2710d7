"""The portable spec: from what people write to an immutable plan per cloud. Pure."""

from mlplatform.spec import plan
from mlplatform.spec.plan import *  # noqa: F403 - the plan, as it lists itself
from mlplatform.spec.problems import SpecError, SpecProblem
from mlplatform.spec.reading import read

__all__ = ["SpecError", "SpecProblem", "read"]
__all__ += plan.__all__
