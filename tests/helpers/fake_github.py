"""A GitHub on the loopback interface that holds to the rules of the real one's REST API, as far as they concern us."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

if TYPE_CHECKING:
    from collections.abc import Iterator

APP, PERSONAL, READER = "ghs_app-installation", "github_pat_teacher", "github_pat_reader"
USERS = {PERSONAL: "teacher", READER: "reader"}
MOST_CHARACTERS = 65_535
PAGE = 4  # fewer than asked for, so that whoever does not follow the pages misses some
_CHECK_KEYS = {
    "name", "head_sha", "details_url", "external_id", "status", "started_at", "conclusion", "completed_at", "output",
    "actions",
}  # fmt: skip
_CONCLUSIONS = {"action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out"}


@dataclass
class Repo:
    """A repository: where git finds it, its commits with the time of their push, and what was written on them."""

    name: str
    url: str
    commits: dict[str, str]
    checks: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)


class Refused(Exception):
    """An answer with a status of its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class GitHub:
    """The organization `course` with its repositories."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[tuple[str, str, str]] = []  # method, path, token
        self.base = ""

    def add(self, name: str, url: str, commits: dict[str, str]) -> Repo:
        self.repos[f"course/{name}"] = repo = Repo(f"course/{name}", url, commits)
        return repo

    def answer(self, method: str, path: str, query: dict[str, str], token: str, body: Any) -> Any:
        self.requests.append((method, path, token))
        if token not in (APP, PERSONAL, READER):
            raise Refused(401, "Bad credentials")
        if method != "GET" and token == READER:
            raise Refused(403, "Resource not accessible by personal access token")
        if path == "/user":
            if token == APP:
                raise Refused(403, "Resource not accessible by integration")
            return {"login": USERS[token], "id": 1}
        if path == "/orgs/course":
            return {"login": "course", "id": 2, "url": f"{self.base}/orgs/course"}
        if path == "/orgs/course/repos":
            return [self._repo(repo) for repo in self.repos.values()]
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)
        if found is None or found[1] not in self.repos:
            raise Refused(404, "Not Found")
        return self._of_repo(self.repos[found[1]], method, found[2] or "", query, token, body)

    def _of_repo(self, repo: Repo, method: str, rest: str, query: dict[str, str], token: str, body: Any) -> Any:  # noqa: PLR0911 - one a route
        if (method, rest) == ("GET", ""):
            return self._repo(repo)
        if (method, rest) == ("GET", "/activity"):
            pushes = [
                {"after": sha, "timestamp": moment, "ref": query.get("ref")} for sha, moment in repo.commits.items()
            ]
            return [{"id": 1, "activity_type": "push", **push} for push in reversed(pushes)]
        if (method, rest) == ("POST", "/check-runs"):
            return self._new_check(repo, token, body)
        if found := re.fullmatch(r"/comments/(\d+)", rest):
            return self._edit_comment(repo, int(found[1]), method, token, body)
        found = re.fullmatch(r"/commits/(\w+)(/.*)?", rest)
        if found is None:
            raise Refused(404, "Not Found")
        sha, what = found[1], found[2] or ""
        if sha not in repo.commits:
            raise Refused(422, f"No commit found for SHA: {sha}")
        url = f"{self.base}/repos/{repo.name}/commits/{sha}"
        if (method, what) == ("GET", ""):
            return {"sha": sha, "url": url, "commit": {"message": "x"}}
        if (method, what) == ("GET", "/check-runs"):
            here = [c for c in repo.checks if c["head_sha"] == sha and c["name"] == query.get("check_name", c["name"])]
            return {"total_count": len(here), "check_runs": here[::-1]}
        if (method, what) == ("GET", "/comments"):
            return [comment for comment in repo.comments if comment["commit_id"] == sha]
        if (method, what) == ("POST", "/comments"):
            return self._new_comment(repo, sha, token, body)
        raise Refused(404, "Not Found")

    def _new_check(self, repo: Repo, token: str, body: Any) -> dict[str, Any]:
        if token != APP:
            raise Refused(403, "You must authenticate via a GitHub App.")
        output = body.get("output", {})
        wrong = set(body) - _CHECK_KEYS or not body.get("name") or body.get("head_sha") not in repo.commits
        wrong = wrong or (body.get("status") == "completed" and body.get("conclusion") not in _CONCLUSIONS)
        wrong = wrong or not {"title", "summary"} <= set(output) or len(output.get("annotations", ())) > 50
        if wrong or any(len(output.get(part, "")) > MOST_CHARACTERS for part in ("summary", "text")):
            raise Refused(422, "Validation Failed")
        made = {
            **body,
            "id": len(repo.checks) + 1,
            "url": f"{self.base}/repos/{repo.name}/check-runs/{len(repo.checks)}",
        }
        repo.checks.append(made)
        return made

    def _new_comment(self, repo: Repo, sha: str, token: str, body: Any) -> dict[str, Any]:
        if not body.get("body") or len(body["body"]) > MOST_CHARACTERS:
            raise Refused(422, "Validation Failed")
        number = len(repo.comments) + 1
        made = {
            "id": number, "body": body["body"], "commit_id": sha, "user": {"login": USERS.get(token, "course-app[bot]")},
            "url": f"{self.base}/repos/{repo.name}/comments/{number}",
        }  # fmt: skip
        repo.comments.append(made)
        return made

    def _edit_comment(self, repo: Repo, number: int, method: str, token: str, body: Any) -> dict[str, Any]:
        comment = next((each for each in repo.comments if each["id"] == number), None)
        if comment is None:
            raise Refused(404, "Not Found")
        if method == "PATCH":
            if comment["user"]["login"] != USERS.get(token):
                raise Refused(403, "Resource not accessible")
            comment["body"] = body["body"]
        return comment

    def _repo(self, repo: Repo) -> dict[str, Any]:
        pushed = max(repo.commits.values(), default=None)
        return {
            "id": 1, "name": repo.name.partition("/")[2], "full_name": repo.name, "clone_url": repo.url,
            "default_branch": "main", "archived": False, "pushed_at": pushed, "url": f"{self.base}/repos/{repo.name}",
        }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    github: GitHub

    def _serve(self) -> None:
        asked = urlparse(self.path)
        query = {name: values[-1] for name, values in parse_qs(asked.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or "null")
        token = self.headers.get("Authorization", "").rpartition(" ")[2]
        status, links = 201 if self.command == "POST" else 200, ""
        try:
            found = self.github.answer(self.command, asked.path, query, token, body)
        except Refused as error:
            status, found = error.status, {"message": str(error)}
        if isinstance(found, list):
            page = int(query.get("page", 1))
            if len(found) > page * PAGE:
                links = (
                    f'<{self.github.base}{asked.path}?per_page={query.get("per_page", 30)}&page={page + 1}>; rel="next"'
                )
            found = found[(page - 1) * PAGE : page * PAGE]
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if links:
            self.send_header("Link", links)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - as the standard library calls them

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[GitHub]:
    """Yield a GitHub whose API is at `base`."""
    github = GitHub()
    handler = type("Handler", (_Handler,), {"github": github})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        github.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield github
        finally:
            server.shutdown()
            thread.join()
