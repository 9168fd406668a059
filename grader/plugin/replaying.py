"""Keeps the examples of a property that has passed, and asks the next submission the same without drawing them again.

The draws of a property are the same for every submission (see `examples`), and drawing takes as long as asking. So what
was drawn is kept once all of it has passed, for as long as the check stays loaded. If a kept example fails, Hypothesis
takes over: it draws again, hears of those before that they passed and of this one that it failed, and looks for a
smaller one. Where nobody asks for a smaller one, Hypothesis is not called. A submission is asked the same things in the
same order either way.
"""

from __future__ import annotations

import copy
import functools
import gc
import types
import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import torch
from hypothesis.control import BuildContext
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.entropy import deterministic_PRNG
from hypothesis.strategies import DataObject

from grader.diffusion.choice import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

    from grader.plugin.judge import Judge

_Drawn = dict[str, Any]  # what was drawn for the arguments of a property, by name
_Source = tuple[int | None, Choice]  # what draws depend on: the seed, and the model that helpers may read


class _Kept(NamedTuple):
    """The examples that were drawn last, and from what: those of other seeds are not kept beside them."""

    source: _Source
    examples: list[_Drawn]


# What is kept of each property, by the name of its check with parameters.
_kept: weakref.WeakKeyDictionary[Callable[..., None], dict[str, _Kept]] = weakref.WeakKeyDictionary()


def replay(item: pytest.Function, judge: Judge) -> None:
    """Have a check that is prepared (see `examples.prepare`) ask what is kept of it, and keep what it draws if not."""
    prepared = item.obj
    check = prepared.__wrapped__
    if not hypothesis.is_hypothesis_test(check):
        return
    bounded = check.hypothesis.inner_test
    inner = bounded.without_bounds
    exercise = judge.exercise_of(item.path)
    kept, source = _kept.setdefault(inner, {}), (judge.seed_of(exercise), judge.model)

    @functools.wraps(prepared)
    def replayed(**fixtures: Any) -> None:
        __tracebackhide__ = True
        known = kept.get(item.name)
        if known is None or known.source != source:
            recorded = _Recorded(bounded, fixtures)
            _call_for_each(check, inner, recorded.example)
            prepared(**fixtures)
            if recorded.examples is not None:
                kept[item.name] = _Kept(source, recorded.examples)
            return
        session = judge.session(exercise)
        if session is not None:
            session.transcript.begin_check()
        passed, failure = _ask(check, bounded, fixtures, known.examples)
        if failure is not None and not judge.most_shrinks:
            raise failure
        if failure is not None:
            _call_for_each(check, inner, _Resumed(bounded, passed, failure).example)
            check(**fixtures)
            raise failure  # Hypothesis draws something else than before, and has not met it: a failure stays one

    item.obj = replayed


def _ask(
    check: Any, bounded: Callable[..., None], fixtures: Mapping[str, Any], examples: Sequence[_Drawn]
) -> tuple[int, Exception | None]:
    """Ask a submission some examples; return how many have passed and how the next one has failed, None if all have.

    The failure is returned, not handled: Hypothesis takes what is raised while another one is handled for another bug.
    """
    for passed, drawn in enumerate(examples):
        try:
            with deterministic_PRNG(), _build_context(check):
                bounded(**fixtures, **_copy(drawn))
        except Exception as failure:
            return passed, failure
    return len(examples), None


def release(check: Any) -> None:
    """Take out of a property what belongs to the submission that was asked last."""
    if hypothesis.is_hypothesis_test(check):
        check.hypothesis.inner_test = getattr(
            check.hypothesis.inner_test, "without_bounds", check.hypothesis.inner_test
        )


def _call_for_each(check: Any, inner: Callable[..., None], example: Callable[..., None]) -> None:
    """Have Hypothesis call `example` for every example of a check, in place of what the check says."""

    @functools.wraps(inner)
    def called(**keywords: Any) -> None:
        __tracebackhide__ = True
        example(**keywords)

    called.without_bounds = inner  # type: ignore[attr-defined]
    check.hypothesis.inner_test = called


class _Recorded:
    """Calls a property and copies what was drawn for it before it can change; `examples` is None if it cannot."""

    def __init__(self, bounded: Callable[..., None], fixtures: Mapping[str, Any]) -> None:
        self._bounded = bounded
        self._fixtures = fixtures
        self.examples: list[_Drawn] | None = []

    def example(self, **keywords: Any) -> None:
        """Call the property with an example."""
        __tracebackhide__ = True
        if self.examples is not None:
            drawn = {name: value for name, value in keywords.items() if name not in self._fixtures}
            try:
                self.examples.append(_copy(drawn))
            except Exception:  # whatever an object says that cannot be copied
                self.examples = None
        try:
            self._bounded(**keywords)
        except BaseException:
            self.examples = None
            raise


class _Resumed:
    """Tells Hypothesis of the examples that were asked already what came of them, and calls the property for others."""

    def __init__(self, bounded: Callable[..., None], passed: int, failure: Exception) -> None:
        self._bounded = bounded
        self._left = passed
        self._failure: Exception | None = failure

    def example(self, **keywords: Any) -> None:
        """Call the property with an example, unless it is known what comes of that."""
        __tracebackhide__ = True
        if self._left:
            self._left -= 1
            return
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        self._bounded(**keywords)


def _build_context(check: Any) -> BuildContext:
    """Return what a check may ask Hypothesis for while it runs, such as a note."""
    return BuildContext(ConjectureData.for_choices(()), wrapped_test=check)


def _copy(drawn: _Drawn) -> _Drawn:
    """Return a copy of what was drawn: tensors that share memory still do, and gradients come along.

    Raises `TypeError`, or what an object raises that does not let itself be copied, if there can be no copy.
    """
    if _remembers(drawn):
        raise TypeError("it remembers something, which no copy would have of its own")
    memo: dict[int, Any] = {}
    copied = copy.deepcopy(drawn, memo)
    for original in memo.get(id(memo), ()):  # deepcopy keeps there what it has copied; of parameters, not the gradient
        if isinstance(original, torch.nn.Parameter) and original.grad is not None:
            memo[id(original)].grad = copy.deepcopy(original.grad, memo)
    return copied


def _remembers(value: Any) -> bool:
    """Tell whether there is something in a value that remembers: a function with variables, or Hypothesis' own data."""
    seen: set[int] = set()
    ahead = [value]
    while ahead:
        found = ahead.pop()
        if isinstance(found, DataObject):
            return True
        if isinstance(found, types.FunctionType):
            if found.__closure__:
                return True
        elif id(found) not in seen and not isinstance(found, type | types.ModuleType | torch.Tensor):
            seen.add(id(found))
            ahead += gc.get_referents(found)
    return False
