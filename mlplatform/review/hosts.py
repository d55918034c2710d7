"""Code hosts and their comments: one comment on a pull request, found again and replaced.

Each host answers for its own addresses and words; ``posting`` decides. Tokens travel in headers
only and are in no message. Documents: GitHub REST "Issue comments", GitLab "Notes API", Azure
DevOps Services REST 7.1 "Pull Request Threads".
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

TIMEOUT_S = 30
PAGE_SIZE = 100
PAGES_MAX = 100
"""Ten thousand comments: a host that always promises another page does not hold us for ever."""


class HostError(Exception):
    """The host cannot be asked, or refuses. The message holds no token."""


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One comment of a pull request. ``id`` is what the host needs to replace it."""

    id: str
    text: str


class Host(Protocol):
    """Where a pull request is discussed."""

    name: str
    limit: int
    """Most characters of one comment."""

    def comments(self) -> Iterator[Comment]: ...
    def create(self, text: str) -> None: ...
    def replace(self, comment: Comment, text: str) -> None: ...


class GitHub:
    """github.com and GitHub Enterprise, from what Actions puts into the environment."""

    name = "github"
    limit = 65_536

    def __init__(self, environment: Mapping[str, str], pull_request: str | None) -> None:
        api = environment.get("GITHUB_API_URL", "https://api.github.com")
        repository = _needed(environment, "GITHUB_REPOSITORY")
        number = pull_request or _number_in_ref(environment.get("GITHUB_REF", ""))
        self._issue = f"{api}/repos/{repository}/issues/{number}/comments"
        self._comment = f"{api}/repos/{repository}/issues/comments"
        self._headers = {
            "Authorization": f"Bearer {_needed(environment, 'GITHUB_TOKEN')}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def comments(self) -> Iterator[Comment]:
        for page in range(1, PAGES_MAX + 1):
            found = _ask("GET", f"{self._issue}?per_page={PAGE_SIZE}&page={page}", self._headers)
            for one in found:
                yield Comment(id=str(one["id"]), text=one.get("body") or "")
            if len(found) < PAGE_SIZE:
                return

    def create(self, text: str) -> None:
        _ask("POST", self._issue, self._headers, {"body": text})

    def replace(self, comment: Comment, text: str) -> None:
        _ask("PATCH", f"{self._comment}/{comment.id}", self._headers, {"body": text})


class GitLab:
    """gitlab.com and self-managed, from what CI puts into the environment.

    A job's own token may not write notes, so a project access token stands in ``GITLAB_TOKEN``.
    """

    name = "gitlab"
    limit = 1_000_000

    def __init__(self, environment: Mapping[str, str], pull_request: str | None) -> None:
        api = environment.get("CI_API_V4_URL", "https://gitlab.com/api/v4")
        project = urllib.parse.quote(_needed(environment, "CI_PROJECT_ID"), safe="")
        number = pull_request or _needed(environment, "CI_MERGE_REQUEST_IID")
        self._notes = f"{api}/projects/{project}/merge_requests/{number}/notes"
        self._headers = {"PRIVATE-TOKEN": _needed(environment, "GITLAB_TOKEN")}

    def comments(self) -> Iterator[Comment]:
        for page in range(1, PAGES_MAX + 1):
            found = _ask("GET", f"{self._notes}?per_page={PAGE_SIZE}&page={page}", self._headers)
            for one in found:
                yield Comment(id=str(one["id"]), text=one.get("body") or "")
            if len(found) < PAGE_SIZE:
                return

    def create(self, text: str) -> None:
        _ask("POST", self._notes, self._headers, {"body": text})

    def replace(self, comment: Comment, text: str) -> None:
        _ask("PUT", f"{self._notes}/{comment.id}", self._headers, {"body": text})


class AzureDevOps:
    """Azure Repos, from what a pipeline has in its environment: the first comment of a thread."""

    name = "azure-devops"
    limit = 150_000

    def __init__(self, environment: Mapping[str, str], pull_request: str | None) -> None:
        collection = _needed(environment, "SYSTEM_COLLECTIONURI").rstrip("/")
        project = urllib.parse.quote(_needed(environment, "SYSTEM_TEAMPROJECT"), safe="")
        repository = _needed(environment, "BUILD_REPOSITORY_ID")
        number = pull_request or _needed(environment, "SYSTEM_PULLREQUEST_PULLREQUESTID")
        self._threads = (
            f"{collection}/{project}/_apis/git/repositories/{repository}"
            f"/pullRequests/{number}/threads"
        )
        self._headers = {"Authorization": f"Bearer {_needed(environment, 'SYSTEM_ACCESSTOKEN')}"}

    def comments(self) -> Iterator[Comment]:
        # The list of threads has no pages.
        for thread in _ask("GET", f"{self._threads}?api-version=7.1", self._headers)["value"]:
            for one in (thread.get("comments") or [])[:1]:
                yield Comment(id=f"{thread['id']}/{one['id']}", text=one.get("content") or "")

    def create(self, text: str) -> None:
        comment = {"parentCommentId": 0, "content": text, "commentType": "text"}
        body = {"comments": [comment], "status": "closed"}
        _ask("POST", f"{self._threads}?api-version=7.1", self._headers, body)

    def replace(self, comment: Comment, text: str) -> None:
        thread, number = comment.id.split("/")
        at = f"{self._threads}/{thread}/comments/{number}?api-version=7.1"
        _ask("PATCH", at, self._headers, {"content": text})


HOSTS: Mapping[str, type[GitHub] | type[GitLab] | type[AzureDevOps]] = {
    host.name: host for host in (GitHub, GitLab, AzureDevOps)
}
_SIGNS = {"GITHUB_ACTIONS": GitHub.name, "GITLAB_CI": GitLab.name, "TF_BUILD": AzureDevOps.name}


def connect(
    environment: Mapping[str, str], *, name: str | None = None, pull_request: str | None = None
) -> Host:
    """The host that this CI job belongs to, or the one that is named.

    Raises ``HostError`` when there is none, or it lacks a variable that it needs.
    """
    found = name or next((host for sign, host in _SIGNS.items() if environment.get(sign)), None)
    if found is None:
        raise HostError(
            f"this is no CI job that I know; give --host, one of {', '.join(HOSTS)}, "
            "or --dry-run to see the comment only"
        )
    if found not in HOSTS:
        raise HostError(f"--host: got {found}, allowed: {', '.join(HOSTS)}")
    return HOSTS[found](environment, pull_request)


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise HostError(f"{name} is not set; docs/ci.md says where it comes from")
    return value


def _number_in_ref(ref: str) -> str:
    found = re.fullmatch(r"refs/pull/(\d+)/(merge|head)", ref)
    if found is None:
        raise HostError("this job is of no pull request; give --pull-request NUMBER")
    return found[1]


def _ask(method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Any:
    request = urllib.request.Request(
        url,
        method=method,
        headers={**headers, "Content-Type": "application/json", "User-Agent": "mlplatform"},
        data=None if body is None else json.dumps(body).encode(),
    )
    if request.type not in ("https", "http"):
        raise HostError(f"{url}: allowed: https")
    where = f"{method} {url.partition('?')[0]}"
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        hint = "; may the token write comments?" if error.code in (401, 403, 404) else ""
        raise HostError(f"{where}: {error.code} {error.reason}{hint}") from None
    except (urllib.error.URLError, TimeoutError) as error:
        raise HostError(f"{where}: {getattr(error, 'reason', error)}") from None
    return json.loads(text) if text else None
