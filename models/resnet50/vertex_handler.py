"""Serves resnet50 in Vertex AI's prebuilt PyTorch container, which runs TorchServe.

TorchServe calls ``handle`` with one entry for each request of a batch, or, where a JSON envelope is
configured, with one for each instance. Both are taken; the answer has as many entries.
"""

from __future__ import annotations

from typing import Any

import inference  # type: ignore[import-not-found]

_network: Any = None


def handle(data: list[Any] | None, context: Any) -> list[Any]:
    """The answers, in the order of the requests."""
    global _network
    if _network is None:
        _network = inference.model_fn(context.system_properties["model_dir"])
    return [_answer(one) for one in data or []]


def _answer(one: Any) -> Any:
    body = one.get("body", one.get("data")) if isinstance(one, dict) else one
    if isinstance(body, dict):
        return {"predictions": inference.predict_fn(inference.images(body), _network)}
    return inference.predict_fn(inference.images({"instances": [body]}), _network)[0]
