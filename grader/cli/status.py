"""The exit statuses of `grade`."""

from __future__ import annotations

from grader.results import Outcome

DONE, FAILED, USAGE, BROKEN = 0, 1, 2, 3
INTERRUPTED = 130
OF_OUTCOME = {Outcome.PASSED: DONE, Outcome.SKIPPED: DONE, Outcome.FAILED: FAILED, Outcome.ERROR: BROKEN}
