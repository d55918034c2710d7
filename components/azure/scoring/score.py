"""Azure ML's entry script for artifacts in SageMaker's form.

An artifact is a folder, or one ``.tar.gz`` of it, with ``inference.py`` at its top or under
``code/``, and in that the functions ``model_fn``, ``input_fn``, ``predict_fn`` and ``output_fn``.
So one artifact serves on both clouds. Azure's inference server calls ``init`` once and ``run`` for
each request; this file stands alone, as nothing else of the project is in the container.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HANDLER = "inference"
JSON = "application/json"
SWITCH = "MLP_CAPTURE"
COLLECTIONS = ("model_inputs", "model_outputs")

_loaded: dict[str, Any] = {}


def init() -> None:
    """Unpack the artifact, import its handler, load the model.

    Raises:
        FileNotFoundError: the artifact has no handler.
    """
    folder = unpacked(Path(os.environ["AZUREML_MODEL_DIR"]))
    handler_folder = next(
        (place for place in (folder, folder / "code") if (place / f"{HANDLER}.py").is_file()), None
    )
    if handler_folder is None:
        raise FileNotFoundError(f"no {HANDLER}.py in the artifact, at its top or under code/")
    sys.path.insert(0, str(handler_folder))
    handler = importlib.import_module(HANDLER)
    _loaded.update(handler=handler, model=handler.model_fn(str(folder)), collectors=collectors())


def run(raw: str | list[str]) -> Any:
    """Answer one request, JSON both ways; or, in a batch, one row for each of these files."""
    if isinstance(raw, list):
        return [answered(Path(path).read_text()) for path in raw]
    shown = answered(raw)
    collect(json.loads(raw), shown)
    return shown


def answered(raw: str) -> Any:
    """What the artifact's own handler makes of one body."""
    handler = _loaded["handler"]
    request = handler.input_fn(raw, JSON)
    answer = handler.predict_fn(request, _loaded["model"])
    written = handler.output_fn(answer, JSON)
    body = written[0] if isinstance(written, tuple) else written
    return json.loads(body) if isinstance(body, (str, bytes)) else body


def collectors() -> dict[str, Any]:
    """Azure ML's collectors of requests and answers; none where the deployment keeps nothing."""
    if os.environ.get(SWITCH) != "true":
        return {}
    monitoring = importlib.import_module("azureml.ai.monitoring")
    return {name: monitoring.Collector(name=name) for name in COLLECTIONS}


def collect(request: Any, answer: Any) -> None:
    """Keep a request with its answer, tied together by the context of the first."""
    if not _loaded["collectors"]:
        return
    inputs, outputs = (_loaded["collectors"][name] for name in COLLECTIONS)
    context = inputs.collect(as_frame(request))
    outputs.collect(as_frame(answer), context)


def as_frame(body: Any) -> Any:
    """A body as the table that collectors take: a row for each instance, JSON where it is none.

    A single value under a key that is the only one, such as ``{"instances": [...]}``, is unwrapped.
    """
    pandas = importlib.import_module("pandas")
    if isinstance(body, dict) and len(body) == 1:
        (only,) = body.values()
        body = only if isinstance(only, list) else body
    rows = body if isinstance(body, list) else [body]
    if rows and all(isinstance(row, dict) for row in rows):
        return pandas.DataFrame(rows)
    if rows and all(isinstance(row, (int, float, str)) for row in rows):
        return pandas.DataFrame({"value": rows})
    return pandas.DataFrame({"body": [json.dumps(row) for row in rows]})


def unpacked(mounted: Path) -> Path:
    """The folder of the artifact: the mounted one, or what its only archive holds."""
    archives = sorted(mounted.rglob("*.tar.gz"))
    if not archives:
        handler = next(mounted.rglob(f"{HANDLER}.py"), None)
        if handler is None:
            return mounted
        return handler.parent.parent if handler.parent.name == "code" else handler.parent
    folder = Path(tempfile.mkdtemp(prefix="artifact-"))
    with tarfile.open(archives[0]) as archive:
        extract(archive, folder)
    return folder


def extract(archive: tarfile.TarFile, folder: Path) -> None:
    """No names out of the folder, no links out of it, no devices.

    Python knows the filter from 3.11.4 on; before it, only folders and plain files are taken.
    """
    if hasattr(tarfile, "data_filter"):
        archive.extractall(folder, filter="data")
        return
    for member in archive.getmembers():
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.ExtractError(f"{member.name} is no file inside the artifact's folder")
    archive.extractall(folder)
