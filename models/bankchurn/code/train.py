"""Trains bankchurn, the same on all three clouds: ``train.py --trees 30 --depth 5``.

Hyperparameters come as arguments. Where data lies and where the model goes each cloud says in its
own way; ``places`` reads them all. The data is a CSV file with the columns of the public Bank Churn
data; the label is ``Exited``.
"""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LABEL = "Exited"
_MODEL = ("SM_MODEL_DIR", "AIP_MODEL_DIR", "MLP_MODEL_DIR")


@dataclass(frozen=True)
class Places:
    """Where to read and where to write."""

    data: Path
    """A CSV file, or a folder that holds some."""
    model: Path


def places(environment: Mapping[str, str], data: str | None, model: str | None) -> Places:
    """Arguments first, else what the cloud put into the environment.

    Vertex AI names buckets and mounts them: ``gs://b/k`` is read as ``/gcs/b/k``.
    """
    found = data or environment.get("SM_CHANNEL_TRAIN") or environment.get("MLP_DATA_TRAIN")
    if not found:
        raise SystemExit("no training data: give --data, or a channel named train")
    target = model or next((environment[one] for one in _MODEL if environment.get(one)), None)
    if not target:
        raise SystemExit("nowhere to put the model: give --model-dir")
    return Places(_mounted(found), _mounted(target))


def _mounted(place: str) -> Path:
    return Path(place.replace("gs://", "/gcs/", 1))


def rows(place: Path) -> list[dict[str, str]]:
    """Every row of every CSV file there."""
    files = [place] if place.is_file() else sorted(place.glob("*.csv"))
    if not files:
        raise SystemExit(f"{place}: no CSV file")
    found: list[dict[str, str]] = []
    for file in files:
        with file.open(newline="") as source:
            found += csv.DictReader(source)
    return found


def main() -> None:
    """Train, report the accuracy on held-back customers, and store the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data")
    parser.add_argument("--model-dir")
    parser.add_argument("--trees", type=int, default=30)
    parser.add_argument("--depth", type=int, default=5)
    given, unknown = parser.parse_known_args()
    if unknown:
        print(f"arguments that mean nothing here: {' '.join(unknown)}")
    here = places(os.environ, given.data, given.model_dir)

    import inference  # type: ignore[import-not-found]
    import joblib  # type: ignore[import-not-found]
    from sklearn.ensemble import (  # type: ignore[import-not-found]
        RandomForestClassifier,
        StackingClassifier,
    )
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]
    from sklearn.model_selection import train_test_split  # type: ignore[import-not-found]
    from sklearn.pipeline import make_pipeline  # type: ignore[import-not-found]
    from sklearn.preprocessing import StandardScaler  # type: ignore[import-not-found]

    customers = rows(here.data)
    left = [int(customer[LABEL]) for customer in customers]
    seen, held, told, truth = train_test_split(
        inference.features(customers), left, test_size=0.2, random_state=0, stratify=left
    )
    model = StackingClassifier(
        [
            ("linear", make_pipeline(StandardScaler(), LogisticRegression())),
            ("forest", RandomForestClassifier(given.trees, max_depth=given.depth)),
        ],
        final_estimator=LogisticRegression(),
        cv=3,
    )
    model.fit(seen, told)
    # The form that `training.tuning.metric: accuracy` looks for on every cloud.
    print(f"accuracy={model.score(held, truth):.4f};", flush=True)
    here.model.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, here.model / "model.joblib", compress=("zlib", 9))


if __name__ == "__main__":
    main()
