"""Says which commits an event of GitHub or GitLab is about."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMEDY = (
    "run this in a workflow on pull_request, push, workflow_dispatch or repository_dispatch, in a pipeline of GitLab, "
    "or name the commits with --base and --head."
)
_ZEROS = "0"


class Commits(NamedTuple):
    """What is to be graded: `head`, compared with `base`, None where the event has none.

    `branch` is then the branch that was pushed and `default_branch` the one that it may have started from, "" where
    that is not known.
    """

    base: str | None
    head: str
    branch: str = ""
    default_branch: str = ""


class DeletedBranchError(UsageError):
    """A push deletes a branch: there is nothing to grade, and nobody has done anything wrong."""


def commits_of_event(environment: Mapping[str, str] = os.environ) -> Commits:
    """Return the commits of the event that this process runs for.

    Raises:
        DeletedBranchError: it is a push that deletes a branch.
        UsageError: it runs for none, or for one that gives secrets to whoever opened a pull request.
    """
    if environment.get("GITLAB_CI"):
        return _of_gitlab(environment)
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        raise UsageError(f"The commits to compare are not known: {_REMEDY}")
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
        return _of_github(event, environment)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path} does not describe an event that can be graded: {_REMEDY}") from error


def _of_github(event: dict[str, Any], environment: Mapping[str, str]) -> Commits:
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name in ("pull_request_target", "workflow_run"):
        raise UsageError(
            f"This workflow runs on `{name}`, which has secrets and a token that can write, whoever opened the pull "
            "request: use `pull_request`."
        )
    if "pull_request" in event:
        return Commits(str(event["pull_request"]["base"]["sha"]), str(event["pull_request"]["head"]["sha"]))
    if name == "repository_dispatch" or "client_payload" in event:
        wanted = event["client_payload"]
        return Commits(str(wanted["base"]) if wanted.get("base") else None, str(wanted["head"]))
    head = str(event["after"]) if "after" in event else environment["GITHUB_SHA"]
    if not head.strip(_ZEROS):
        raise DeletedBranchError("This push deletes a branch, so there is nothing to grade.")
    branch = str(event["ref"]).removeprefix("refs/heads/")
    return Commits(None, head, branch, str(event["repository"].get("default_branch") or ""))


def _of_gitlab(environment: Mapping[str, str]) -> Commits:
    if base := environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        # In a pipeline of merged results, CI_COMMIT_SHA is a merge that nobody has made yet.
        return Commits(base, environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment["CI_COMMIT_SHA"])
    head = environment.get("CI_COMMIT_SHA")
    if not head:
        raise UsageError(f"The commits to compare are not known: {_REMEDY}")
    return Commits(None, head, environment.get("CI_COMMIT_BRANCH", ""), environment.get("CI_DEFAULT_BRANCH", ""))
