"""What is asked of a judge at a desk: which work, which exercises, and under which conditions."""

from __future__ import annotations

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a judge.

    `folder` is where it was asked, and paths are relative to it; it lies in the course. `exercises` are `LESSON/NAME`,
    none for all. The work is that in place, a `submission` at a path, or the code `cells` of a notebook, of which the
    first is the prompt's number 1 and empty ones were not run. `isolation`, `seed` and `call_seconds` are those of
    `grader.grading.Conditions`. With `to_first_failure`, exercises after the first that does not pass are left out;
    with `figures`, what failed is drawn. `debug` asks for no verdict: it is the check, by its number or name, whose
    smallest failing input is to be written as a script, "" for the check that helps most. `locate` asks for no verdict
    either: it is how many CPU seconds may be spent on finding where the mistake is.
    """

    folder: str
    exercises: tuple[str, ...] = ()
    submission: str | None = None
    cells: tuple[str, ...] | None = None
    isolation: str = "auto"
    seed: int | None = None
    call_seconds: float | None = None
    to_first_failure: bool = False
    figures: bool = False
    debug: str | None = None
    locate: float | None = None
