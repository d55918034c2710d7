"""Makes the model artifacts that the repository ships: ``python models/make.py``.

The same versions (requirements.txt) give the same bytes on the same machine: seeds are fixed, and
the archives hold no time, owner or order of a folder. So a rebuild shows no change to deploy.

Each model is made once and packed twice, as SageMaker unpacks ``model.tar.gz`` and Vertex AI's
images look for ``model.joblib`` or a TorchServe archive in a folder.

``bankchurn/customers.csv`` is what bankchurn was trained on: the baseline that monitors compare
with, and the data of the training runs.

- ``bankchurn``: a scikit-learn StackingClassifier, trained on made-up customers with the columns
  of the public Bank Churn data. The rule behind them is below; the model learns it.
- ``resnet50``: a network of ResNet-50's shape, a sixteenth as wide, with random weights. It is
  not trained: it takes images and answers with scores, which is all that a platform needs.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
import json
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np  # type: ignore[import-not-found]

HERE = Path(__file__).resolve().parent
SEED = 20261121
CUSTOMERS = 2_000
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip archive can hold."""


def load(path: Path) -> ModuleType:
    """A Python file as a module, wherever it lies."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def archive(members: dict[str, bytes]) -> bytes:
    """A ``.tar.gz`` that depends on nothing but the members' names and content."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(members):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(members[name]), 0o644
            tar.addfile(entry, io.BytesIO(members[name]))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as target:
        target.write(plain.getvalue())
    return packed.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive that depends on nothing but the members' names and content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return packed.getvalue()


def customers(handler: ModuleType, random: np.random.Generator) -> tuple[list[Any], Any]:
    """Made-up customers, and whether each left."""
    rows: list[dict[str, Any]] = [
        {
            "CreditScore": int(np.clip(random.normal(650, 95), 350, 850)),
            "Geography": str(random.choice(handler.COUNTRIES, p=(0.5, 0.25, 0.25))),
            "Gender": str(random.choice(handler.GENDERS)),
            "Age": int(np.clip(random.normal(39, 10), 18, 92)),
            "Tenure": int(random.integers(0, 11)),
            "Balance": float(random.choice((0.0, 1.0)) * random.normal(120_000, 30_000)),
            "NumOfProducts": int(random.choice((1, 2, 3, 4), p=(0.5, 0.46, 0.03, 0.01))),
            "HasCrCard": int(random.random() < 0.7),
            "IsActiveMember": int(random.random() < 0.5),
            "EstimatedSalary": float(random.uniform(10_000, 200_000)),
        }
        for _ in range(CUSTOMERS)
    ]
    leaning = [
        0.08 * (row["Age"] - 45)
        + 0.8 * (row["Geography"] == "Germany")
        - 1.0 * row["IsActiveMember"]
        + 1.5 * (row["NumOfProducts"] > 2)
        - 0.4
        for row in rows
    ]
    chance = 1 / (1 + np.exp(-np.array(leaning)))
    return rows, (random.random(CUSTOMERS) < chance).astype(int)


def table(rows: list[Any], left: Any) -> bytes:
    """The customers as CSV: who it is, the columns, and the label last."""
    text = io.StringIO()
    names = ["customer_id", *rows[0], "Exited"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    for number, (row, label) in enumerate(zip(rows, left, strict=True), start=1):
        rounded = {k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}
        writer.writerow({"customer_id": f"c{number:05}", **rounded, "Exited": int(label)})
    return text.getvalue().encode()


def bankchurn() -> tuple[dict[str, bytes], bytes]:
    """Members of the archive for SageMaker's scikit-learn container, and the training data."""
    import joblib  # type: ignore[import-not-found]
    from sklearn.ensemble import (  # type: ignore[import-not-found]
        RandomForestClassifier,
        StackingClassifier,
    )
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-not-found]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-not-found]

    source = HERE / "bankchurn" / "code" / "inference.py"
    handler = load(source)
    rows, left = customers(handler, np.random.default_rng(SEED))
    model = StackingClassifier(
        [
            ("linear", make_pipeline(StandardScaler(), LogisticRegression())),
            ("forest", RandomForestClassifier(30, max_depth=5, random_state=SEED)),
        ],
        final_estimator=LogisticRegression(),
        cv=3,
    )
    model.fit(handler.features(rows), left)
    stored = io.BytesIO()
    joblib.dump(model, stored, compress=("zlib", 9))
    members = {"model.joblib": stored.getvalue(), "inference.py": source.read_bytes()}
    return members, table(rows, left)


def resnet50() -> dict[str, bytes]:
    """Members of the archive for SageMaker's PyTorch container."""
    code = HERE / "resnet50" / "code"
    layout = load(code / "layout.py")
    random = np.random.default_rng(SEED)
    weights = {}
    for name, shape in layout.tensors():
        content = io.BytesIO()
        np.save(content, _initial(name, shape, random).astype(np.float16))
        weights[f"{name}.npy"] = content.getvalue()
    return {
        "weights.npz": zipped(weights),
        "code/inference.py": (code / "inference.py").read_bytes(),
        "code/layout.py": (code / "layout.py").read_bytes(),
    }


def torchserve(members: dict[str, bytes]) -> bytes:
    """The same for TorchServe: one folder, a handler of its own, and a manifest that names it."""
    handler = HERE / "resnet50" / "vertex_handler.py"
    manifest = {
        "runtime": "python",
        "model": {"modelName": "model", "modelVersion": "1.0", "handler": handler.name},
    }
    return zipped(
        {
            "MAR-INF/MANIFEST.json": json.dumps(manifest, indent=2).encode(),
            handler.name: handler.read_bytes(),
            **{Path(name).name: content for name, content in sorted(members.items())},
        }
    )


def _initial(name: str, shape: tuple[int, ...], random: np.random.Generator) -> Any:
    """Drawn as He and others advise for ReLU, and damped where a block ends.

    Without the damping the sums of fifty layers grow until one class always has score 1.
    """
    if len(shape) == 1:
        if name.endswith("expand_norm.weight"):
            return np.full(shape, 0.2)
        return np.ones(shape) if name.endswith(("norm.weight", "running_var")) else np.zeros(shape)
    inputs = int(np.prod(shape[1:]))
    return random.normal(0, np.sqrt((1 if name.startswith("head") else 2) / inputs), shape)


def main() -> None:
    """Write everything beside its sources."""
    (churn, trained_on), resnet = bankchurn(), resnet50()
    made = {
        "bankchurn/model.tar.gz": archive(churn),
        "bankchurn/vertex/model.joblib": churn["model.joblib"],
        "bankchurn/customers.csv": trained_on,
        "resnet50/model.tar.gz": archive(resnet),
        "resnet50/vertex/model.mar": torchserve(resnet),
    }
    for name, content in made.items():
        target = HERE / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
        print(f"models/{name}: {len(content)} bytes")


if __name__ == "__main__":
    main()
