"""Names and shapes of every tensor in the network, without a machine-learning library.

The shape is that of ResNet-50 (He and others, "Deep Residual Learning for Image Recognition",
2015): stages of 3, 4, 6 and 3 bottleneck blocks that widen by four. The width is 4 where the
original has 64, so that the archive is small.
"""

from __future__ import annotations

from collections.abc import Iterator

STAGES = (3, 4, 6, 3)
EXPANSION = 4
WIDTH = 4
CLASSES = 10
CHANNELS = 3

Tensor = tuple[str, tuple[int, ...]]


def tensors() -> Iterator[Tensor]:
    """Every tensor of the network's state, in the order of its layers."""
    yield "stem.weight", (WIDTH, CHANNELS, 7, 7)
    yield from _norm("stem_norm", WIDTH)
    inputs = WIDTH
    for stage, blocks in enumerate(STAGES):
        inner = WIDTH * 2**stage
        outputs = inner * EXPANSION
        for block in range(blocks):
            at = f"stages.{stage}.{block}"
            yield f"{at}.reduce.weight", (inner, inputs, 1, 1)
            yield from _norm(f"{at}.reduce_norm", inner)
            yield f"{at}.spatial.weight", (inner, inner, 3, 3)
            yield from _norm(f"{at}.spatial_norm", inner)
            yield f"{at}.expand.weight", (outputs, inner, 1, 1)
            yield from _norm(f"{at}.expand_norm", outputs)
            if block == 0:
                yield f"{at}.shortcut.weight", (outputs, inputs, 1, 1)
                yield from _norm(f"{at}.shortcut_norm", outputs)
            inputs = outputs
    yield "head.weight", (CLASSES, inputs)
    yield "head.bias", (CLASSES,)


def _norm(name: str, channels: int) -> Iterator[Tensor]:
    """Batch normalisation: scale and shift, and the running statistics."""
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (channels,)
