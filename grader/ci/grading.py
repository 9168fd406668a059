"""Grades a pull request or push, and says whether it is accepted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import structs

from grader.ci.events import Commits, commits_of_event
from grader.ci.pull_request import open_pull_request
from grader.ci.repository import Repository
from grader.course.model import TIERS
from grader.course.seeds import REPEATABLE, Seeds
from grader.diffusion.request import refuse_unmeasured
from grader.report.hidden import without_hidden_details
from grader.report.totals import share
from grader.results import Outcome, SubmissionInfo, Verdict
from grader.tiers import warm_grader_for
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.ci.pull_request import PullRequest
    from grader.grading import Conditions

Policy = Literal["all", "points", "never"]  # what is needed: every check, a share of the points, or nothing


class GradedPullRequest(NamedTuple):
    """A pull request and its verdict, None if it changes no exercise."""

    request: PullRequest
    verdict: Verdict | None

    def for_programs(self) -> Verdict:
        """Return the verdict, without any exercise if it changes none: what reads a file must not find an older one."""
        if self.verdict is not None:
            return self.verdict
        work = self.request.submission
        return Verdict(
            grader=__version__,
            course=self.request.course.name,
            submission=SubmissionInfo(work.name, work.sha256),
            isolation="",
            tier=TIERS[0],
            seed=None,
            points=0.0,
            max_points=0.0,
            exercises=(),
        )

    @property
    def broken(self) -> bool:
        """Whether the grader broke."""
        return self.verdict is not None and self.verdict.outcome is Outcome.ERROR

    def accepted(self, policy: Policy = "all", threshold: float = 50.0, *, refuse_protected: bool = True) -> bool:
        """Tell whether a policy accepts it.

        For the policy "points", `threshold` is in percent of the points that can be had now. Points that hidden checks
        decide later are left out.

        One that changes protected files, be it by another edition, is refused by any policy, unless that is switched
        off.
        """
        if refuse_protected and (self.request.changes.protected or self.request.changes.update):
            return False
        if self.verdict is None or policy == "never":
            return True
        if policy == "points":
            return share(self.verdict) * 100 >= threshold
        return self.verdict.outcome in (Outcome.PASSED, Outcome.SKIPPED)


@contextmanager
def graded_pull_request(
    repository: Path,
    base: str | None,
    head: str | None,
    conditions: Conditions,
    course: str | None = None,
    folder: str | None = None,
) -> Iterator[GradedPullRequest]:
    """Yield the pull request or push from `base` to `head`, graded; its course is there until the block ends.

    A commit that is not given is the one of the event that this process runs for. `course` is where the course is, a
    folder or `GIT-URL@COMMIT`, if not in the base commit, and `folder` where it lies in the repository. Without a seed,
    inputs are drawn by the commit of the course and the exercise: the same for everybody who starts from it, and not
    those of one's desk. Of hidden checks the verdict has no inputs and no expected values, as students read it.

    Raises:
        UsageError: a commit or the course cannot be found, or strict isolation cannot be had.
    """
    commits = commits_of_event() if head is None or (base is None and course is None) else Commits(None, head)
    commits = commits._replace(base=base or commits.base, head=head or commits.head)
    with open_pull_request(Repository(repository), commits, course, folder) as request:
        verdict = None
        for model in conditions.models:
            refuse_unmeasured(request.course, model)
        if request.exercises:
            if conditions.seeds == REPEATABLE:
                conditions = conditions._replace(seeds=Seeds(secret=request.source.secret))
            with warm_grader_for(request.course, request.exercises, conditions) as grader:
                verdict = grader.grade(request.submission, request.exercises)
            verdict = structs.replace(verdict, exercises=tuple(map(without_hidden_details, verdict.exercises)))
        yield GradedPullRequest(request, verdict)
