"""GitHub, by its REST API: an App's token writes check runs, any other token comments on commits."""

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
MOST_CHARACTERS = 65_000  # GitHub takes 65535
_CUT = "\n\n(The rest is left out: GitHub shows no more.)"
_FORBIDDEN = 403
_GONE = (404, 409, 422)


class GitHub:
    """The repositories of an organization or a user, as a token may see and tell them."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        """Take the token of `GRADE_GITHUB_TOKEN`; raise `UsageError` if there is none, or no library."""
        try:
            import github
        except ImportError as error:
            raise UsageError(f"Repositories on GitHub need PyGithub: pip install {requirement('github')}") from error
        self._token = environment.get("GRADE_GITHUB_TOKEN", "")
        if not self._token:
            raise UsageError("GRADE_GITHUB_TOKEN is not set: put a token there that can read the class's repositories.")
        base = environment.get("GITHUB_API_URL") or "https://api.github.com"
        pause = 0.0 if base.startswith("http://127.0.0.1") else 1.0  # what GitHub asks for between two writes
        self._errors = github.GithubException
        self._api = github.Github(
            base_url=base, auth=github.Auth.Token(self._token), per_page=100, seconds_between_requests=0,
            seconds_between_writes=pause,
        )  # fmt: skip
        self._can_check = True
        self._me = ""

    def repositories(self, owner: str, prefix: str) -> Iterator[Hosted]:
        """Yield the repositories of an organization whose names begin with `prefix`, whatever their case."""
        try:
            for each in self._api.get_organization(owner).get_repos(type="all"):
                if each.name.lower().startswith(prefix.lower()) and not each.archived:
                    yield Hosted(
                        each.full_name, each.clone_url, each.default_branch, basic("x-access-token", self._token)
                    )
        except self._errors as error:
            raise UsageError(f"The repositories of {owner} cannot be listed: {_reason(error)}.") from error

    def pushed_at(self, repository: Hosted, commit: str) -> str | None:
        """Return when GitHub got a commit, by its list of pushes; else when anything was pushed last."""
        try:
            parameters = {"ref": f"refs/heads/{repository.branch}", "per_page": 100}
            path = f"/repos/{repository.name}/activity"
            _, pushes = self._api.requester.requestJsonAndCheck("GET", path, parameters=parameters)
            for push in pushes or ():
                if push.get("after") == commit:
                    return str(push["timestamp"])
            last = self._api.get_repo(repository.name).pushed_at
            return last.isoformat() if last else None
        except self._errors:
            return None

    def tell(self, repository: str, commit: str, report: Report) -> bool:
        """Write a check run on a commit, or where the token may not, a comment."""
        mark = hashlib.sha256("\0".join(report).encode()).hexdigest()[:32]
        try:
            found = self._api.get_repo(repository)
            if self._can_check:
                try:
                    return self._check(found, commit, report, mark)
                except self._errors as error:
                    if error.status != _FORBIDDEN:
                        raise
                    self._can_check = False  # not the token of an App
            return self._comment(found, commit, report, mark)
        except self._errors as error:
            raise UsageError(f"{repository} could not be told: {_reason(error)}.") from error

    def _check(self, repository: Any, commit: str, report: Report, mark: str) -> bool:
        for before in repository.get_commit(commit).get_check_runs(check_name=NAME):
            if before.external_id == mark:
                return False
        output = {"title": report.title, "summary": _cut(report.text)}
        repository.create_check_run(
            NAME, commit, external_id=mark, status="completed", conclusion=report.outcome, output=output
        )
        return True

    def _comment(self, repository: Any, commit: str, report: Report, mark: str) -> bool:
        self._me = self._me or self._api.get_user().login
        body = f"<!-- {NAME} {mark} -->\n**{report.title}**\n\n{_cut(report.text)}"
        on = repository.get_commit(commit)
        for before in on.get_comments():
            if before.user.login == self._me and before.body.startswith(f"<!-- {NAME} "):
                if before.body.startswith(f"<!-- {NAME} {mark} -->"):
                    return False
                before.edit(body)
                return True
        on.create_comment(body)
        return True


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - len(_CUT)] + _CUT


def _reason(error: Any) -> str:
    said = error.data.get("message") if isinstance(error.data, dict) else None
    return f"GitHub answered {error.status}{f' ({said})' if said else ''}"
