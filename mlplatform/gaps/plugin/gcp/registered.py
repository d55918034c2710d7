"""Models that training pipelines left in the registry.

They stay when the run's definition changes, and go with the last run: the stack's key encrypts
them, so nobody could use what a destroy leaves of them. A model that is deployed somewhere stays
and is told.
"""

from __future__ import annotations

from mlplatform.contracts.gcp.rules.model import OWN_LABEL
from mlplatform.gaps.plugin.gcp import marks
from mlplatform.gaps.plugin.gcp.work import VertexError, Work


def remove(work: Work) -> None:
    """Delete every model that carries the mark of this resource's runs."""
    listed = work.call("search for models", work.models.list_models, parent=work.cloud.parent)
    owner = marks.owner(work.ctx.urn)
    for name in [str(one.name) for one in listed if one.labels.get(OWN_LABEL) == owner]:
        work.quiet(work.models, name)
        try:
            work.do(f"deletion of {name}", work.models.delete_model, name=name)
        except VertexError as error:
            if error.code == "FAILED_PRECONDITION":
                work.ctx.warn(f"the trained model {name} stays: {error.detail}")
            elif error.code != "NOT_FOUND":
                raise
