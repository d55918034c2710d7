"""Azure Monitor metrics: nobody calls an endpoint here, so a test says what they show.

`POST /_sandbox/metrics` with `{"resource": "<part of the id>", "metric": "RequestLatency",
"average": 900}`, or with `total` and `labels`, adds a point; `DELETE` forgets all.
"""

from __future__ import annotations

import json
import re
from typing import Any

from mlplatform.sandbox.clouds.azure.answer import Answer, not_found
from mlplatform.sandbox.clouds.azure.world import Json, World, now

_SECTION = "metrics"
_PATH = re.compile(r"(?P<resource>/.+)/providers/microsoft\.insights/metrics", re.IGNORECASE)


def control(world: World, method: str, body: bytes) -> tuple[int, Any]:
    """What the control API does with points."""
    if method == "DELETE":
        for key, _ in list(world.store.items(_SECTION)):
            world.store.delete(_SECTION, key)
        return 200, {"done": True}
    given = json.loads(body)
    number = sum(1 for _ in world.store.items(_SECTION))
    world.store.put(_SECTION, f"{number:06}", {"labels": {}, **given})
    return 200, {"done": True}


def answer(world: World, path: str, query: dict[str, str]) -> Answer | None:
    """Metrics - List of a resource; None for another path."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    resource = found["resource"]
    if not world.exists(resource):
        raise not_found(resource)
    names = [name for name in query.get("metricnames", "").split(",") if name]
    points = [row for _, row in world.store.items(_SECTION) if str(row["resource"]) in resource]
    value = [_metric(name, [row for row in points if row["metric"] == name]) for name in names]
    return Answer(status=200, body={"value": value, "timespan": query.get("timespan", "")})


def _metric(name: str, points: list[Json]) -> Json:
    series = [
        {
            "metadatavalues": [
                {"name": {"value": label.lower()}, "value": text}
                for label, text in point["labels"].items()
            ],
            "data": [
                {"timeStamp": now(), **{k: point[k] for k in ("average", "total") if k in point}}
            ],
        }
        for point in points
    ]
    return {"name": {"value": name}, "unit": "Unspecified", "timeseries": series}
