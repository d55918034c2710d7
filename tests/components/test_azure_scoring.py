"""The entry script that runs in Azure's containers, with the artifacts that the project ships."""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest

from components.azure.scoring import score

HANDLER = """
import json
def model_fn(folder): return folder
def input_fn(body, content_type): return json.loads(body)
def predict_fn(request, model): return {"twice": request["n"] * 2}
def output_fn(answer, accept): return json.dumps(answer), accept
"""


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "inference", raising=False)
    monkeypatch.setattr(score, "_loaded", {})
    return score


@pytest.mark.parametrize("place", ["inference.py", "code/inference.py"])
@pytest.mark.parametrize("packed", [True, False])
def test_it_answers_with_the_artifacts_own_handler(
    script: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    packed: bool,
) -> None:
    content = tmp_path / "content"
    (content / place).parent.mkdir(parents=True)
    (content / place).write_text(HANDLER)
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    if packed:
        with tarfile.open(mounted / "model.tar.gz", "w:gz") as archive:
            archive.add(content / place, place)
    else:
        content.rename(mounted / "1")
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(mounted))
    script.init()
    assert script.run(json.dumps({"n": 21})) == {"twice": 42}
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for number, file in enumerate(files):
        file.write_text(json.dumps({"n": number}))
    assert script.run([str(file) for file in files]) == [{"twice": 0}, {"twice": 2}]
    monkeypatch.delitem(sys.modules, "inference")


class Collector:
    """As azureml.ai.monitoring has it: the first returns a context, the second takes it."""

    kept: ClassVar[list[tuple[str, Any, Any]]] = []

    def __init__(self, name: str) -> None:
        self.name = name

    def collect(self, frame: Any, context: Any = None) -> str:
        self.kept.append((self.name, frame, context))
        return "context-1"


@pytest.mark.parametrize(
    ("body", "frame"),
    [
        ({"instances": [{"n": 1}, {"n": 2}]}, [{"n": 1}, {"n": 2}]),
        ({"n": 1, "m": 2}, [{"n": 1, "m": 2}]),
        ([0.5, 0.7], {"value": [0.5, 0.7]}),
        ([[1, 2], [3, 4]], {"body": ["[1, 2]", "[3, 4]"]}),
    ],
)
def test_a_request_is_kept_with_its_answer_as_tables(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, body: Any, frame: Any
) -> None:
    pandas, monitoring = ModuleType("pandas"), ModuleType("azureml.ai.monitoring")
    monkeypatch.setattr(pandas, "DataFrame", lambda rows: rows, raising=False)
    monkeypatch.setattr(monitoring, "Collector", Collector, raising=False)
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    monkeypatch.setitem(sys.modules, "azureml.ai.monitoring", monitoring)
    monkeypatch.setattr(Collector, "kept", [])
    monkeypatch.setenv("MLP_CAPTURE", "true")
    script._loaded["collectors"] = script.collectors()
    script.collect(body, {"n": 3})
    assert Collector.kept == [
        ("model_inputs", frame, None),
        ("model_outputs", [{"n": 3}], "context-1"),
    ]


def test_an_artifact_without_a_handler_is_refused(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUREML_MODEL_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"no inference\.py"):
        script.init()


@pytest.mark.parametrize("python", ["3.11.4", "3.11.3"])
def test_an_archive_cannot_write_outside_its_folder(
    python: str, script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if python == "3.11.3":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)
    outside = tmp_path / "evil.txt"
    outside.write_text("x")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        archive.add(outside, "../evil.txt")
    with pytest.raises(tarfile.TarError):
        script.unpacked(tmp_path)
