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
    _loaded.update(handler=handler, model=handler.model_fn(str(folder)))


def run(raw: str) -> Any:
    """Answer one request; the body is JSON both ways."""
    handler = _loaded["handler"]
    request = handler.input_fn(raw, JSON)
    answer = handler.predict_fn(request, _loaded["model"])
    written = handler.output_fn(answer, JSON)
    body = written[0] if isinstance(written, tuple) else written
    return json.loads(body) if isinstance(body, (str, bytes)) else body


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
        # "data": no links out of the folder, no absolute names, no devices.
        archive.extractall(folder, filter="data")
    return folder
