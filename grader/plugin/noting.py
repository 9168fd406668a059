"""Notes with which arguments a check has failed first, for whoever asks the same of other answers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import hypothesis

from grader.plugin.judge import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from grader.plugin.judge import Judge


def note_failures(item: pytest.Function, judge: Judge) -> None:
    """Have a check that is prepared (see `examples.prepare`) note in the judge what it fails on.

    Where an example is shrunk, it does not: a smaller one will be the one that counts.
    """
    if judge.most_shrinks:
        return
    exercise, check = judge.exercise_of(item.path), item.obj.__wrapped__

    def note(failed: Callable[..., None], arguments: dict[str, Any]) -> None:
        session = judge.session(exercise)
        asides = tuple(session.transcript.asides) if session is not None else ()
        judge.failed.setdefault(item.originalname, Failed(failed, arguments, asides))

    if hypothesis.is_hypothesis_test(check):
        bounded = check.hypothesis.inner_test
        check.hypothesis.inner_test = _noting(bounded, bounded.without_bounds, note)
    else:
        item.obj = _noting(item.obj, check, note)


def _noting(
    called: Callable[..., None],
    check: Callable[..., None],
    note: Callable[[Callable[..., None], dict[str, Any]], None],
) -> Callable[..., None]:
    @functools.wraps(called)
    def noted(*unnamed: Any, **arguments: Any) -> None:
        __tracebackhide__ = True
        try:
            called(*unnamed, **arguments)
        except Exception:
            note(check, arguments)
            raise

    return noted
