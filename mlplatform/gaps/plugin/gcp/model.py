"""``mlgap:gcp:Model``: a model in Vertex AI's registry, whose changes are new versions.

Image, artifact and environment of a version cannot change, so a change of them uploads another
version under the same model; the older ones stay for a rollback. Every operation starts from what
Vertex AI shows: a version carries the fingerprint of what it was made from in its description, so
an upload that an interrupted run made is found, not repeated.
"""

from __future__ import annotations

from typing import Any

from mlplatform import judged
from mlplatform.contracts.gcp.rules.model import OWN_LABEL
from mlplatform.gaps.plugin.by_contract import ByContract
from mlplatform.gaps.plugin.gcp import marks
from mlplatform.gaps.plugin.gcp.cloud import GcpCloud, types
from mlplatform.gaps.plugin.gcp.work import TimedOutError, VertexError, Work
from mlplatform.provider.model import (
    Cancelled,
    Context,
    Diff,
    NotFound,
    Partial,
    ProviderError,
)
from mlplatform.provider.values import UNKNOWN, has_unknown

TOKEN = "mlgap:gcp:Model"
VERSIONED = ("artifactUri", "environment", "healthRoute", "imageUri", "port", "predictRoute")
"""Inputs that a version is made of."""
_IN_PLACE = {"description": "description", "displayName": "display_name", "labels": "labels"}
_MARK = "mlgap "
_DELETE_TRIES = 60
_DELETE_PAUSE_S = 0.5


class Model(ByContract[GcpCloud]):
    """Answers for one model; made once for each call."""

    def diff(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> Diff:
        del id, old_state
        changes = judged.changes(ctx.token, old_inputs, inputs)
        same_name = old_inputs.get("modelId") == inputs.get("modelId")
        return Diff(changes=tuple(changes), delete_before_replace=same_name)

    def create(self, ctx: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        name = self._name(inputs)
        if ctx.preview:
            return "", {**inputs, "name": name, "versionId": UNKNOWN, "versionName": UNKNOWN}
        work = Work(ctx, self._cloud)
        work.quiet(work.models, name)
        found = _get(work, name)
        if found is not None and found.labels.get(OWN_LABEL) != marks.owner(ctx.urn):
            raise ProviderError(
                f"model {inputs['modelId']} exists already and this stack did not make it; choose "
                f"another modelId, or take it over with 'pulumi import {TOKEN} {ctx.name} {name}'"
            )
        return name, self._converged(work, name, inputs)

    def update(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        old_inputs: dict[str, Any],
        old_state: dict[str, Any],
        inputs: dict[str, Any],
    ) -> dict[str, Any]:
        if ctx.preview:
            return _foreseen(id, old_inputs, old_state, inputs)
        work = Work(ctx, self._cloud)
        work.quiet(work.models, id)
        return self._converged(work, id, inputs)

    def read(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        name = id if "/" in id else f"{self._cloud.parent}/models/{id}"
        work = Work(ctx, self._cloud)
        version = state.get("versionId")
        found = _get(work, f"{name}@{version}" if version else name) or _get(work, name)
        if found is None:
            raise NotFound(f"there is no model {name}")
        seen = _seen(found, inputs)
        return name, seen, _outputs(name, found.version_id, seen)

    def delete(
        self,
        ctx: Context,
        id: str,  # noqa: A002
        inputs: dict[str, Any],
        state: dict[str, Any],
    ) -> None:
        del inputs, state
        work = Work(ctx, self._cloud)
        work.quiet(work.models, id)
        for attempt in range(_DELETE_TRIES):
            try:
                work.do(f"deletion of {id}", work.models.delete_model, name=id)
            except VertexError as error:
                if error.code == "NOT_FOUND":
                    raise NotFound(str(error)) from error
                # For a while after its last deployment went, a model still counts as deployed.
                if error.code != "FAILED_PRECONDITION" or attempt == _DELETE_TRIES - 1:
                    raise
                work.pause(f"deletion of {id}", _DELETE_PAUSE_S)
            else:
                return

    def _name(self, inputs: dict[str, Any]) -> str:
        if has_unknown(inputs.get("modelId")):
            return UNKNOWN
        return f"{self._cloud.parent}/models/{inputs['modelId']}"

    def _converged(self, work: Work, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        """Make the registry hold what is declared; the outputs."""
        try:
            version = self._version(work, name, inputs)
            self._settle(work, name, version, inputs)
        except (Cancelled, TimedOutError) as error:
            if not work.busy(work.models, name) and _get(work, name) is None:
                raise
            state = {**inputs, "name": name}  # what version it will be, the next update tells
            raise Partial(id=name, state=state, inputs=inputs, reasons=[str(error)]) from error
        return _outputs(name, version, inputs)

    def _version(self, work: Work, name: str, inputs: dict[str, Any]) -> str:
        """The version that is made of the declared inputs; uploaded when there is none."""
        mark = _MARK + marks.fingerprint({k: inputs.get(k) for k in VERSIONED})
        existing = _versions(work, name)
        made = [found for found in existing if found.version_description == mark]
        if made:
            return str(made[-1].version_id)
        wanted = _message(inputs, work.ctx.urn, mark)
        request: dict[str, Any] = {"parent": self._cloud.parent, "model": wanted}
        if existing:
            request["parent_model"] = name
        else:
            request["model_id"] = inputs["modelId"]
        what = f"upload of {inputs['modelId']}"
        answer = work.do(what, work.models.upload_model, request=request)
        return str(answer.model_version_id)

    def _settle(self, work: Work, name: str, version: str, inputs: dict[str, Any]) -> None:
        """What can change in place: aliases, and what all versions share."""
        library = types()
        exact = f"{name}@{version}"
        found = work.call(f"reading of {exact}", work.models.get_model, name=exact)
        wanted = ["default", *inputs.get("versionAliases", [])]
        stale = [a for a in found.version_aliases if a not in wanted]
        fresh = [a for a in wanted if a not in found.version_aliases]
        if stale or fresh:
            work.call(
                f"aliases of {exact}",
                work.models.merge_version_aliases,
                name=exact,
                version_aliases=[*fresh, *(f"-{alias}" for alias in stale)],
            )
        labels = marks.labelled(inputs.get("labels"), work.ctx.urn)
        target = library.Model(
            name=exact,
            display_name=inputs["displayName"],
            description=inputs.get("description", ""),
            labels=labels,
        )
        paths = [
            field
            for field in _IN_PLACE.values()
            if _plain(getattr(found, field)) != _plain(getattr(target, field))
        ]
        if paths:
            work.call(
                f"update of {exact}",
                work.models.update_model,
                model=target,
                update_mask={"paths": paths},
            )


def _get(work: Work, name: str) -> Any:
    """A model or one of its versions; None when there is none."""
    try:
        return work.call(f"reading of {name}", work.models.get_model, name=name)
    except VertexError as error:
        if error.code == "NOT_FOUND":
            return None
        raise


def _versions(work: Work, name: str) -> list[Any]:
    """All versions, oldest first; [] when there is no such model."""
    try:
        found = work.call(f"versions of {name}", work.models.list_model_versions, name=name)
        return sorted(found, key=lambda version: int(version.version_id))
    except VertexError as error:
        if error.code == "NOT_FOUND":
            return []
        raise


def _message(inputs: dict[str, Any], urn: str, mark: str) -> Any:
    """The model to upload."""
    library = types()
    container = library.ModelContainerSpec(
        image_uri=inputs["imageUri"],
        env=[
            library.EnvVar(name=name, value=value)
            for name, value in sorted(inputs.get("environment", {}).items())
        ],
        predict_route=inputs.get("predictRoute", ""),
        health_route=inputs.get("healthRoute", ""),
    )
    if inputs.get("port"):
        container.ports = [library.Port(container_port=int(inputs["port"]))]
    model = library.Model(
        display_name=inputs["displayName"],
        description=inputs.get("description", ""),
        version_description=mark,
        version_aliases=["default", *inputs.get("versionAliases", [])],
        artifact_uri=inputs.get("artifactUri", ""),
        container_spec=container,
        labels=marks.labelled(inputs.get("labels"), urn),
    )
    if inputs.get("kmsKeyName"):
        model.encryption_spec = library.EncryptionSpec(kms_key_name=inputs["kmsKeyName"])
    return model


def _seen(found: Any, declared: dict[str, Any]) -> dict[str, Any]:
    """The inputs as the registry shows them; empty ones only where they are declared."""
    container = found.container_spec
    shown: dict[str, Any] = {
        "modelId": found.name.partition("@")[0].rpartition("/")[2],
        "displayName": found.display_name,
        "description": found.description,
        "labels": marks.declared(dict(found.labels)),
        "imageUri": container.image_uri,
        "artifactUri": found.artifact_uri,
        "environment": {variable.name: variable.value for variable in container.env},
        "predictRoute": container.predict_route,
        "healthRoute": container.health_route,
        "port": container.ports[0].container_port if container.ports else None,
        "versionAliases": [a for a in found.version_aliases if a != "default"],
        "kmsKeyName": found.encryption_spec.kms_key_name,
    }
    seen = {k: v for k, v in shown.items() if v or k in declared}
    aliases = declared.get("versionAliases")
    if aliases is not None and sorted(aliases) == sorted(seen["versionAliases"]):
        seen["versionAliases"] = aliases
    return seen


def _outputs(name: str, version: str, inputs: dict[str, Any]) -> dict[str, Any]:
    exact = UNKNOWN if version == UNKNOWN else f"{name}@{version}"
    return {**inputs, "name": name, "versionId": version, "versionName": exact}


def _foreseen(
    name: str, old: dict[str, Any], state: dict[str, Any], inputs: dict[str, Any]
) -> dict[str, Any]:
    """What an update will show: another version only when what it is made of changes."""
    kept = all(old.get(k) == inputs.get(k) for k in VERSIONED) and "versionId" in state
    return _outputs(name, str(state["versionId"]) if kept else UNKNOWN, inputs)


def _plain(value: Any) -> Any:
    return dict(value) if hasattr(value, "items") else value
