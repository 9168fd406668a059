"""A GitLab on the loopback interface, as far as its REST API concerns us."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "glpat-teacher"
STATES = {"pending", "running", "success", "failed", "canceled", "skipped"}


class GitLab:
    """The group `course` with one project, whose commits nobody else has commented on."""

    def __init__(self, project: str, url: str, commit: str) -> None:
        self.project, self.url, self.commit = project, url, commit
        self.statuses: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.base = ""

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:  # noqa: PLR0911 - one a route
        commit = ["projects", self.project, "repository", "commits", self.commit, "comments"]
        match method, path:
            case "GET", ["user"]:
                return 200, {"id": 1, "username": "teacher"}
            case "GET", ["groups", "course", "projects"]:
                return 200, [self._described(self.project), self._described("course/week10-ada")]
            case "GET", ["projects", self.project, "events"]:
                return 200, [
                    {"id": 1, "created_at": "2026-11-20T21:00:00.000Z", "push_data": {"commit_to": self.commit}}
                ]
            case "POST", ["projects", self.project, "statuses", self.commit] if body.get("state") in STATES:
                self.statuses.append(body)
                return 201, {"id": len(self.statuses), **body}
            case "GET", _ if path == commit:
                return 200, self.comments
            case "POST", _ if path == commit and body.get("note"):
                self.comments.append({"note": body["note"], "author": {"username": "teacher"}})
                return 201, self.comments[-1]
        return 404, {"message": "404 Not Found"}

    def _described(self, name: str) -> dict[str, Any]:
        return {
            "id": 7, "path": name.partition("/")[2], "path_with_namespace": name, "http_url_to_repo": self.url,
            "default_branch": "main",
        }  # fmt: skip


@contextmanager
def served(project: str, url: str, commit: str) -> Iterator[GitLab]:
    """Yield a GitLab that is at `base`."""
    gitlab = GitLab(project, url, commit)

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
            path = [unquote(part) for part in urlparse(self.path).path.split("/")[3:]]  # below /api/v4
            known = self.headers.get("PRIVATE-TOKEN") == TOKEN
            status, found = gitlab.answer(self.command, path, body) if known else (401, {"message": "401 Unauthorized"})
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve  # noqa: N815 - as the standard library calls them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        gitlab.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield gitlab
        finally:
            server.shutdown()
            thread.join()
