"""Hypothesis as the checks use it: one profile, examples known to the transcript, bounded shrinking."""

from __future__ import annotations

import functools
import traceback
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import hypothesis
import msgspec
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from grader.sandbox.wire.frames import WireError
from grader.sandbox.wire.values import Encoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from grader.plugin.judge import Judge

PROFILE = "grader"
MAX_EXAMPLES = 20

hypothesis.settings.register_profile(
    PROFILE,
    max_examples=MAX_EXAMPLES,
    database=None,
    deadline=None,  # the boundary has its own deadlines, which know CPU time from waiting
    print_blob=False,
    report_multiple_bugs=False,
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink),
    # A slow or picky submission does not make the check unhealthy.
    suppress_health_check=[
        hypothesis.HealthCheck.too_slow,
        hypothesis.HealthCheck.data_too_large,
        hypothesis.HealthCheck.filter_too_much,
    ],
)


def use_profile() -> None:
    """Load the profile that all checks share.

    Hypothesis also draws constants that it finds in the source of whatever else is loaded, which would make the inputs
    of one check depend on which others run beside it, and on what has run before.
    """
    hypothesis.settings.load_profile(PROFILE)
    if providers._get_local_constants is not Constants:
        providers._get_local_constants = Constants
        providers.CONSTANTS_CACHE.cache.clear()


def prepare(item: pytest.Function, judge: Judge) -> None:
    """Wrap a check so that its session's transcript starts anew with it and with every example."""
    check = item.obj
    exercise = judge.exercise_of(item.path)

    def begin_example() -> None:
        session = judge.session(exercise)
        if session is not None:
            session.transcript.begin_example()

    if hypothesis.is_hypothesis_test(check):
        # By name: the same draws every time, wherever the check stands and whatever else is changed in its file.
        seed = judge.seed_of(exercise)
        check = hypothesis.seed(seed if seed is not None else zlib.crc32(item.name.encode()))(check)
        inner = check.hypothesis.inner_test  # of an earlier submission's run in this process, perhaps
        check.hypothesis.inner_test = _bounded(
            getattr(inner, "without_bounds", inner), begin_example, judge.most_shrinks
        )

    @functools.wraps(check)
    def started_afresh(*arguments: Any, **keywords: Any) -> None:
        __tracebackhide__ = True
        session = judge.session(exercise)
        if session is not None:
            session.transcript.begin_check()
        with _frames_cleared():
            check(*arguments, **keywords)

    item.obj = started_afresh


def _bounded(inner: Any, begin_example: Any, most_shrinks: int) -> Any:
    """Announce every example; after a failure, try at most a fixed number of other, smaller examples."""
    failed: set[bytes] = set()
    tried = 0

    @functools.wraps(inner)
    def example(*arguments: Any, **keywords: Any) -> None:
        __tracebackhide__ = True
        nonlocal tried
        if failed and _fingerprint(keywords) not in failed:
            tried += 1
            if tried > most_shrinks:
                return  # as good as a pass: Hypothesis stays with the smallest failure it knows
        begin_example()
        try:
            with _frames_cleared():
                inner(*arguments, **keywords)
        except Exception:
            failed.add(_fingerprint(keywords))
            raise

    example.without_bounds = inner  # type: ignore[attr-defined]
    return example


@contextmanager
def _frames_cleared() -> Iterator[None]:
    """Release what the frames of an exception hold: it is kept to the end of the run, and results may be large."""
    __tracebackhide__ = True
    try:
        yield
    except BaseException as error:
        traceback.clear_frames(error.__traceback__)
        raise


def _fingerprint(drawn: dict[str, Any]) -> bytes:
    """Return bytes that are equal for equal drawn values."""
    encoder = Encoder()
    try:
        trees = {name: encoder.tree(value) for name, value in drawn.items()}
    except WireError:
        return b""
    return msgspec.msgpack.encode(trees) + b"".join(encoder.buffers)
