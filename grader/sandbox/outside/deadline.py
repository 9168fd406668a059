"""How long one exchange with a worker may take."""

from __future__ import annotations

from dataclasses import dataclass

from grader.sandbox import limits
from grader.sandbox.wire import messages


@dataclass(frozen=True)
class Deadline:
    """Seconds one exchange with a worker may take; wall time is generous, so that a busy machine fails nobody."""

    cpu_seconds: float

    @property
    def wall_seconds(self) -> float:
        """How long it may take by the clock on the wall."""
        return limits.WALL_SECONDS_EXTRA + limits.WALL_SECONDS_PER_CPU_SECOND * self.cpu_seconds

    @property
    def grace_seconds(self) -> float:
        """What the judge waits longer than the worker, which stops itself first and can say in which line."""
        return limits.GRACE_SECONDS

    def passed(self, which: str) -> str:
        """Return the end of the sentence "Your function ..." when the time for computing or for waiting is up."""
        if which == messages.WAITING:
            return (
                f"was stopped after {self.wall_seconds:g} seconds on the clock, before it had computed for "
                f"{self.cpu_seconds:g}: does it sleep, or wait for something? On a busy machine, an endless loop ends "
                "like this, too."
            )
        return f"was stopped after {self.cpu_seconds:g} seconds: does it contain an endless loop?"
