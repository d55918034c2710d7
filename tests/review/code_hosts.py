"""Three code hosts in one small server: only the requests that a comment needs.

Written from the hosts' public documents, not recorded: they cannot be reached from here.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "t0ken-of-the-test"
_ISSUE = r"/repos/org/repo/issues/7/comments"
_NOTES = r"/projects/org%2Frepo/merge_requests/7/notes"
_THREADS = r"/org/project%20x/_apis/git/repositories/repo/pullRequests/7/threads"


class CodeHosts:
    """The comments so far, and every request."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.requests: list[str] = []
        self.refuse = 0
        """An HTTP status for every request; 0 answers."""

    def answer(self, method: str, path: str, query: str, body: Any) -> Any:
        self.requests.append(f"{method} {path}")
        if method == "GET":
            found = [{"id": number, "body": text} for number, text in enumerate(self.texts)]
            if "threads" in path:
                return {
                    "value": [
                        {"id": one["id"], "comments": [{"id": 1, "content": one["body"]}]}
                        for one in found
                    ]
                }
            page = int(re.findall(r"[?&]?page=(\d+)", query)[-1])
            return found[(page - 1) * 100 : page * 100]
        if method == "POST":
            self.texts.append(
                body["comments"][0]["content"] if "comments" in body else body["body"]
            )
        else:
            at = re.search(r"(?:comments|notes|threads)/(\d+)", path)
            assert at is not None
            self.texts[int(at[1])] = body.get("body") or body["content"]
        return {}


def environment(name: str, url: str) -> dict[str, str]:
    """What each host's CI puts into a job's environment."""
    return {
        "github": {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": "org/repo",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITHUB_TOKEN": TOKEN,
        },
        "gitlab": {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": url,
            "CI_PROJECT_ID": "org/repo",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_TOKEN": TOKEN,
        },
        "azure-devops": {
            "TF_BUILD": "True",
            "SYSTEM_COLLECTIONURI": f"{url}/org/",
            "SYSTEM_TEAMPROJECT": "project x",
            "BUILD_REPOSITORY_ID": "repo",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
            "SYSTEM_ACCESSTOKEN": TOKEN,
        },
    }[name]


@contextmanager
def served() -> Iterator[tuple[CodeHosts, str]]:
    """The hosts and their address."""
    hosts = CodeHosts()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            path, _, query = self.path.partition("?")
            known = any(re.match(at, path) for at in (_ISSUE, _NOTES, _THREADS))
            edited = re.match(r"/repos/org/repo/issues/comments/\d+$", path)
            status = hosts.refuse or (200 if known or edited else 404)
            if TOKEN not in "".join(self.headers.values()):
                status = 401
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "0")
            done = hosts.answer(self.command, path, query, body) if status == 200 else {}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(done).encode())

        do_GET = do_POST = do_PUT = do_PATCH = do  # noqa: N815  the server looks for them

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hosts, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
