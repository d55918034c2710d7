"""The run history beside Resource Manager, as far as azure-ai-ml follows a job by it.

A workspace's `discoveryUrl` names the addresses of such services. `MLClient.jobs.stream` reads the
details of a run there until its status is one of those that a run ends with (azure-ai-ml 1.35.2,
`stream_logs_until_completion`). No container runs, so there are no logs.
"""

from __future__ import annotations

import re

from mlplatform.sandbox.clouds.azure.answer import Answer, not_found
from mlplatform.sandbox.clouds.azure.world import Json, World

_DETAILS = re.compile(r"/history/v1\.0(/subscriptions/.+)/runs/([^/]+)/details", re.IGNORECASE)


def answer(world: World, method: str, path: str) -> Answer | None:
    """The answer of one of those services; None when the path is none of theirs."""
    if method != "GET":
        return None
    if path == "/discovery":
        named = ("api", "experimentation", "history", "registry", "studio")
        return Answer(status=200, body=dict.fromkeys(named, world.arm_endpoint))
    found = _DETAILS.fullmatch(path)
    if found is None:
        return None
    job = world.get(f"{found[1]}/jobs/{found[2]}")
    if job is None:
        raise not_found(path)
    status = str(job["properties"]["status"])
    body: Json = {"runId": found[2], "status": status, "logFiles": {}, "warnings": []}
    if status == "Failed":
        body["error"] = {"error": {"code": "UserError", "message": "The run failed."}}
    return Answer(status=200, body=body)
