"""GitLab, by its REST API: a status on the commit, and a comment beside it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

from grader.classroom.repositories.fetching import basic
from grader.classroom.repositories.forge import Hosted
from grader.distribution import requirement
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.classroom.repositories.forge import Report

NAME = "grade"
MOST_DESCRIPTION = 255
_STATE = {"success": "success", "failure": "failed", "neutral": "canceled"}


class GitLab:
    """The projects of a group, as a token may see and tell them."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Take the token of `GRADE_GITLAB_TOKEN`; raise `UsageError` if there is none, or no library."""
        try:
            import gitlab
        except ImportError as error:
            raise UsageError(f"Projects on GitLab need python-gitlab: pip install {requirement('gitlab')}") from error
        self._token = environment.get("GRADE_GITLAB_TOKEN", "")
        if not self._token:
            raise UsageError("GRADE_GITLAB_TOKEN is not set: put a token there that can read the class's projects.")
        self._errors = (gitlab.GitlabError, OSError)
        host = environment.get("CI_SERVER_URL") or "https://gitlab.com"
        self._api = gitlab.Gitlab(host, private_token=self._token, per_page=100, retry_transient_errors=True)
        self._me = ""

    def repositories(self, owner: str, prefix: str) -> Iterator[Hosted]:
        """Yield the projects of a group and its subgroups whose names begin with `prefix`."""
        try:
            group = self._api.groups.get(owner, lazy=True)
            for each in group.projects.list(iterator=True, include_subgroups=True, archived=False):
                if each.path.lower().startswith(prefix.lower()):
                    header = basic("oauth2", self._token)
                    yield Hosted(each.path_with_namespace, each.http_url_to_repo, each.default_branch or "main", header)
        except self._errors as error:
            raise UsageError(f"The projects of {owner} cannot be listed: {_reason(error)}.") from error

    def pushed_at(self, repository: Hosted, commit: str) -> str | None:
        """Return when GitLab got a commit, by its list of pushes."""
        try:
            project = self._api.projects.get(repository.name, lazy=True)
            for event in project.events.list(iterator=True, action="pushed"):
                if (event.push_data or {}).get("commit_to") == commit:
                    return str(event.created_at)
        except self._errors:
            return None
        return None

    def tell(self, repository: str, commit: str, report: Report) -> bool:
        """Set a status on a commit and comment on it; what GitLab has already is not written again."""
        mark = f"<!-- {NAME} {hashlib.sha256(repr(report).encode()).hexdigest()[:32]} -->"
        try:
            self._me = self._me or self._name()
            on = self._api.projects.get(repository, lazy=True).commits.get(commit, lazy=True)
            own = [each.note for each in on.comments.list(iterator=True) if each.author["username"] == self._me]
            if own and own[-1].startswith(mark):
                return False
            status = {"state": _STATE[report.outcome], "name": NAME, "description": report.title[:MOST_DESCRIPTION]}
            on.statuses.create(status)
            on.comments.create({"note": f"{mark}\n**{report.title}**\n\n{report.text}"})
        except self._errors as error:
            raise UsageError(f"{repository} could not be told: {_reason(error)}.") from error
        return True

    def _name(self) -> str:
        self._api.auth()
        return str(self._api.user.username) if self._api.user else ""


def _reason(error: Any) -> str:
    status = getattr(error, "response_code", None)
    return f"GitLab answered {status} ({error.error_message})" if status else str(error)
