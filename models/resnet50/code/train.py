"""Trains resnet50, the same on all three clouds: ``train.py --epochs 3 --learning-rate 0.01``.

There are no images in this repository, so it makes some: each class is a colour gradient with
noise. A run that is taken away (spot capacity) goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIDE = 64
IMAGES_PER_EPOCH = 640
BATCH = 64
_MODEL = ("SM_MODEL_DIR", "AIP_MODEL_DIR", "MLP_MODEL_DIR")
_CHECKPOINTS = ("AIP_CHECKPOINT_DIR", "MLP_CHECKPOINTS_DIR")


@dataclass(frozen=True)
class Places:
    """Where to write."""

    model: Path
    checkpoints: Path


def places(environment: Mapping[str, str], model: str | None, checkpoints: str | None) -> Places:
    """Arguments first, else what the cloud put into the environment.

    Vertex AI names buckets and mounts them: ``gs://b/k`` is read as ``/gcs/b/k``.
    """
    target = model or next((environment[one] for one in _MODEL if environment.get(one)), None)
    if not target:
        raise SystemExit("nowhere to put the model: give --model-dir")
    kept = checkpoints or next(
        (environment[one] for one in _CHECKPOINTS if environment.get(one)), "/opt/ml/checkpoints"
    )
    return Places(_mounted(target), _mounted(kept))


def _mounted(place: str) -> Path:
    return Path(place.replace("gs://", "/gcs/", 1))


def main() -> None:
    """Train, report the accuracy, and store the weights as the handler reads them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model-dir")
    parser.add_argument("--checkpoint-dir")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    given, unknown = parser.parse_known_args()
    if unknown:
        print(f"arguments that mean nothing here: {' '.join(unknown)}")
    here = places(os.environ, given.model_dir, given.checkpoint_dir)

    import inference  # type: ignore[import-not-found]
    import layout  # type: ignore[import-not-found]
    import numpy as np  # type: ignore[import-not-found]
    import torch  # type: ignore[import-not-found]

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = inference.Network().to(device).train()
    optimizer = torch.optim.SGD(network.parameters(), lr=given.learning_rate, momentum=0.9)
    here.checkpoints.mkdir(parents=True, exist_ok=True)
    checkpoint = here.checkpoints / "last.pt"
    first = 0
    if checkpoint.exists():
        kept = torch.load(checkpoint, map_location=device)
        network.load_state_dict(kept["network"])
        optimizer.load_state_dict(kept["optimizer"])
        first = kept["epoch"] + 1
    for epoch in range(first, given.epochs):
        right = _epoch(network, optimizer, device)
        print(f"epoch={epoch}; accuracy={right:.4f};", flush=True)
        kept = {
            "network": network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "epoch": epoch,
        }
        # Written aside and moved: a run that is taken away in between leaves the last whole one.
        torch.save(kept, checkpoint.with_suffix(".part"))
        checkpoint.with_suffix(".part").replace(checkpoint)
    here.model.mkdir(parents=True, exist_ok=True)
    wanted = {name for name, _ in layout.tensors()}
    state = {k: v.cpu().numpy() for k, v in network.state_dict().items() if k in wanted}
    np.savez(here.model / "weights.npz", **state)


def _epoch(network: Any, optimizer: Any, device: Any) -> float:
    import layout
    import torch

    right = 0
    for _ in range(IMAGES_PER_EPOCH // BATCH):
        labels = torch.randint(layout.CLASSES, (BATCH,), device=device)
        ramp = torch.linspace(0, 1, SIDE, device=device)
        slope = (labels.float() / layout.CLASSES)[:, None, None, None]
        images = slope * ramp + 0.1 * torch.rand(BATCH, layout.CHANNELS, SIDE, SIDE, device=device)
        scores = network(images)
        loss = torch.nn.functional.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        right += int((scores.argmax(dim=1) == labels).sum())
    return right / IMAGES_PER_EPOCH


if __name__ == "__main__":
    main()
