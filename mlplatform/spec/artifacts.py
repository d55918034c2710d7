"""A trained model on disk, or somewhere in a cloud."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from mlplatform.spec.findings import Findings
from mlplatform.spec.models.artifact import ModelModel, PerCloudModel
from mlplatform.spec.plan import Artifact
from mlplatform.spec.scope import Scope

SCHEMES = {
    "aws": re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+"),
    "gcp": re.compile(r"gs://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]/.+"),
    "azure": re.compile(
        r"(azureml://(datastores/[a-z0-9_]+/paths|subscriptions|registries|locations|jobs)/.+"
        r"|https://[a-z0-9]{3,24}\.blob\.core\.windows\.net/.+)",
        re.IGNORECASE,
    ),
}
"""For Azure ML: azure-ai-ml, `AzureMLDatastorePathUri` and `AzureMLAssetId`; a blob by its URL."""
_EXAMPLES = {
    "aws": "s3://bucket/key.tar.gz",
    "gcp": "gs://bucket/folder",
    "azure": "azureml://datastores/<name>/paths/<path>, "
    "https://<account>.blob.core.windows.net/<container>/<path>",
}
_AWS_SUFFIX = ".tar.gz"
_AWS_WORDS = "allowed on aws: a .tar.gz file, the only form that SageMaker unpacks"
_FILE_SUFFIXES = (
    *(".joblib", ".pkl", ".bst", ".model", ".mar", ".pt", ".pth", ".pb", ".onnx", ".h5"),
    *(".json", ".txt", ".tar.gz", ".zip"),
)
"""Of files that a model consists of: Vertex AI takes the folder (aiplatform Model.artifactUri)."""
HASH_LENGTH = 16


def resolve(
    model: ModelModel, *, cloud: str, workload: str, root: Path, at: str, findings: Findings
) -> Artifact | None:
    """The artifact for one cloud; ``None`` with a problem when there is none to use.

    A local artifact is keyed by its content under ``<workload>/``: the role that serves the
    workload may read that prefix and no other.
    """
    given = model.artifact
    path = f"{at}.artifact"
    if given is None:
        findings.missing(path, "the model that the endpoint serves")
        return None
    if isinstance(given, PerCloudModel):
        path = f"{path}.{cloud}"
        found = getattr(given, cloud)
        if found is None:
            findings.missing(path, f"an artifact for {cloud}, which this workload uses")
            return None
        given = found
    if "://" in given:
        if not SCHEMES[cloud].fullmatch(given):
            findings.problem(path, given, f"allowed on {cloud}: {_EXAMPLES[cloud]}, or a path")
            return None
        if cloud == "aws" and not given.endswith(_AWS_SUFFIX):
            findings.problem(path, given, _AWS_WORDS)
            return None
        if cloud == "gcp" and given.endswith(_FILE_SUFFIXES):
            words = "allowed on gcp: the folder that holds it, such as gs://bucket/folder"
            findings.problem(path, given, words)
            return None
        return Artifact(uri=given)
    if cloud == "aws" and not _holds_all(root, given) and (root / given).exists():
        local = root / given
        if not (local.is_file() and given.endswith(_AWS_SUFFIX)):
            findings.problem(path, given, _AWS_WORDS)
            return None
    return _local(given, prefix=workload, root=root, path=path, findings=findings)


def content(given: str | PerCloudModel, scope: Scope, *, at: str, prefix: str) -> Artifact | None:
    """Any other file or folder that a workload brings, or the URI where it already is.

    Args:
        at: its path in the stack file.
        prefix: keys of an upload begin with ``<workload>/<prefix>/<hash>``.

    ``None`` with a problem when there is nothing to use.
    """
    cloud, findings = scope.cloud, scope.findings
    if isinstance(given, PerCloudModel):
        at = f"{at}.{cloud}"
        found: str | None = getattr(given, cloud)
        if found is None:
            findings.missing(at, f"one for {cloud}, which this workload uses")
            return None
    else:
        found = given
    if "://" in found:
        if not SCHEMES[cloud].fullmatch(found):
            findings.problem(at, found, f"allowed on {cloud}: {_EXAMPLES[cloud]}, or a path")
            return None
        return Artifact(uri=found)
    return _local(
        found, prefix=f"{scope.workload}/{prefix}", root=scope.root, path=at, findings=findings
    )


def _local(
    given: str, *, prefix: str, root: Path, path: str, findings: Findings
) -> Artifact | None:
    local = root / given
    if _holds_all(root, given):
        findings.problem(path, given, "allowed: a file or folder of the project, not all of it")
        return None
    if not local.exists():
        findings.problem(path, given, "no such file or folder in the project")
        return None
    members = _members(local)
    if not members:
        findings.problem(path, given, "allowed: a folder that holds at least one file")
        return None
    if alike := _alike([name for name, _ in members]):
        words = "allowed: names that differ in more than '/', '.' and '-': each file is a resource"
        findings.problem(path, given, f"{words} (here {alike[0]} and {alike[1]})")
        return None
    digest = _digest(members)
    prefix = f"{prefix}/{digest[:HASH_LENGTH]}"
    if local.is_file():
        key = f"{prefix}/{local.name}"
        return Artifact(path=local, sha256=digest, object_key=key, files=((key, local),))
    return Artifact(
        path=local,
        sha256=digest,
        object_key=prefix,
        files=tuple((f"{prefix}/{name}", file) for name, file in members),
    )


def _alike(names: Sequence[str]) -> tuple[str, str] | None:
    """Two names that the logical names of their uploads would not tell apart."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.replace("/", "-").replace(".", "-"), name)
        if other != name:
            return other, name
    return None


def inside(folder: Path, given: str) -> bool:
    """Whether a path that is relative to a folder lies in it, and is not the folder itself."""
    whole = _whole(folder)
    return whole in _whole(folder / given).parents


def _holds_all(root: Path, given: str) -> bool:
    """Whether it is the project or a folder around it: its history and secrets would go along."""
    local = _whole(root / given)
    return local == _whole(root) or local in _whole(root).parents


def _whole(path: Path) -> Path:
    return path.resolve()


def _members(local: Path) -> list[tuple[str, Path]]:
    if local.is_file():
        return [(local.name, local)]
    files = sorted(f for f in local.rglob("*") if f.is_file() and "__pycache__" not in f.parts)
    return [(file.relative_to(local).as_posix(), file) for file in files]


def _digest(members: list[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, file in members:
        content = file.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
