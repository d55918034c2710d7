"""Serves resnet50: which of ten classes an image belongs to.

SageMaker's PyTorch container calls the four functions below. A request is JSON:
``{"instances": [image, ...]}``, an image being 3 rows of colour planes (3 x height x width, 0..1).
The answer has one ``{"class": 3, "scores": [...]}`` for each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import layout  # type: ignore[import-not-found]
import numpy as np  # type: ignore[import-not-found]
import torch  # type: ignore[import-not-found]
from torch import nn

JSON = "application/json"
_COUNTER = "num_batches_tracked"
"""A batch normalisation's count of training steps: part of the state, of no use here."""


class Bottleneck(nn.Module):  # type: ignore[misc]
    """Narrow, look around, widen; and the way past it."""

    def __init__(self, inputs: int, inner: int, stride: int, *, first: bool) -> None:
        super().__init__()
        outputs = inner * layout.EXPANSION
        self.reduce = nn.Conv2d(inputs, inner, 1, bias=False)
        self.reduce_norm = nn.BatchNorm2d(inner)
        self.spatial = nn.Conv2d(inner, inner, 3, stride=stride, padding=1, bias=False)
        self.spatial_norm = nn.BatchNorm2d(inner)
        self.expand = nn.Conv2d(inner, outputs, 1, bias=False)
        self.expand_norm = nn.BatchNorm2d(outputs)
        self.first = first
        if first:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
            self.shortcut_norm = nn.BatchNorm2d(outputs)

    def forward(self, images: Any) -> Any:
        past = self.shortcut_norm(self.shortcut(images)) if self.first else images
        found = torch.relu(self.reduce_norm(self.reduce(images)))
        found = torch.relu(self.spatial_norm(self.spatial(found)))
        return torch.relu(self.expand_norm(self.expand(found)) + past)


class Network(nn.Module):  # type: ignore[misc]
    """Stem, four stages of bottlenecks, mean over the image, one linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(layout.CHANNELS, layout.WIDTH, 7, stride=2, padding=3, bias=False)
        self.stem_norm = nn.BatchNorm2d(layout.WIDTH)
        self.stages = nn.ModuleList()
        inputs = layout.WIDTH
        for stage, blocks in enumerate(layout.STAGES):
            inner = layout.WIDTH * 2**stage
            made = []
            for block in range(blocks):
                stride = 2 if block == 0 and stage > 0 else 1
                made.append(Bottleneck(inputs, inner, stride, first=block == 0))
                inputs = inner * layout.EXPANSION
            self.stages.append(nn.Sequential(*made))
        self.head = nn.Linear(inputs, layout.CLASSES)

    def forward(self, images: Any) -> Any:
        found = torch.relu(self.stem_norm(self.stem(images)))
        found = nn.functional.max_pool2d(found, 3, stride=2, padding=1)
        for stage in self.stages:
            found = stage(found)
        return self.head(found.mean(dim=(2, 3)))


def model_fn(model_dir: str) -> Network:
    """Build the network and load its weights. A tensor too many or too few is an error."""
    network = Network()
    with np.load(Path(model_dir) / "weights.npz") as stored:
        state = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    counters = {k: v for k, v in network.state_dict().items() if k.endswith(_COUNTER)}
    network.load_state_dict({**state, **counters})
    network.to(_device()).eval()
    return network


def input_fn(body: str | bytes, content_type: str) -> Any:
    """Read a request into one batch of images."""
    if content_type.partition(";")[0].strip() != JSON:
        raise ValueError(f"content type: got {content_type}, allowed: {JSON}")
    return images(json.loads(body))


def images(request: Any) -> Any:
    """One batch of the request's images; ``ValueError`` when they are none."""
    if not isinstance(request, dict) or "instances" not in request:
        raise ValueError('request: allowed: {"instances": [image, ...]}')
    batch = torch.tensor(request["instances"], dtype=torch.float32)
    if batch.ndim != 4 or batch.shape[1] != layout.CHANNELS:
        got = " x ".join(map(str, batch.shape))
        raise ValueError(
            f"instances: got {got}, allowed: count x {layout.CHANNELS} x height x width"
        )
    return batch


def predict_fn(batch: Any, network: Network) -> list[dict[str, Any]]:
    """The most likely class of each image, and every class's score."""
    with torch.no_grad():
        scores = torch.softmax(network(batch.to(_device())), dim=1).cpu()
    return [{"class": int(row.argmax()), "scores": row.tolist()} for row in scores]


def output_fn(answer: list[dict[str, Any]], accept: str) -> tuple[str, str]:
    """Write an answer; JSON whatever the caller accepts."""
    del accept
    return json.dumps({"predictions": answer}), JSON


def _device() -> Any:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
