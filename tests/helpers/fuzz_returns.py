"""Fuzzes what a worker answers, as `python fuzz_returns.py RESULT.json COUNT SEED NAME...`: no check may break on it.

The checks of an exercise run once on the solution, and everything that they were called with, and that it answered, is
kept. Then each of them is called again with one answer or several made odd: what the function returned or did to its
arguments, what it printed, what a reader said, or an exception in its place. No worker is needed for that, so it is
quick. A process of its own, so that it can run as any user.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch
from PIL import Image

from grader.course.finding import find_course
from grader.course.marked import marked
from grader.course.rubric_reading import load_rubrics
from grader.diffusion.choice import TINY
from grader.diffusion.machine import bench
from grader.judging import _get_ready
from grader.plugin import examples
from grader.plugin.judge import Judge
from grader.plugin.outcome import Explained, explain
from grader.report.registry import Formats
from grader.results import CheckResult, Outcome, SubmissionInfo, Verdict
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.outside.session import Session
from grader.sandbox.wire import messages, values
from grader.sandbox.wire.frames import WireError
from grader.sandbox.wire.handles import Handle
from grader.submission.reading import read_submission

sys.path.insert(0, str(Path(__file__).parents[1]))
from collections.abc import Callable

from helpers.patience import PLENTY

if TYPE_CHECKING:
    from grader.course.model import Exercise

FORMATS: Formats[Verdict] = Formats("grader.report.formats", "terminal")
PROJECT = Path(__file__).parents[2]
MOST_BODIES = 3  # of the examples of a property
REPORTED_EVERY = 20  # failures, of which one is written in every format

NUMBERS: list[Any] = [
    0, -1, 1, 2**31, 2**63 - 1, 2**64 - 1, -(2**63), True, False, 0.0, -0.0, 0.5, math.nan, math.inf, -math.inf, 1e308,
    -1e308, 5e-324,
]  # fmt: skip
TEXTS = [
    "",
    "x",
    "\0",
    "\x1b[2J",
    "::error::x",
    "]]>",
    "\u202e",
    "\ufffe",
    "\U0001f600" * 50,
    "`" * 40,
    "{",
    "%s",
    "a\n\nb" * 99,
]
DTYPES = [*values._DTYPES.values()]
TENSORS: list[Callable[[torch.Tensor], torch.Tensor]] = [
    lambda t: torch.full_like(t, math.nan) if t.is_floating_point() else t * 0 - 1,
    lambda t: torch.full_like(t, math.inf) if t.is_floating_point() else t * 0 + 1,
    lambda t: torch.full_like(t, torch.finfo(t.dtype).max) if t.is_floating_point() else t,
    lambda t: torch.full_like(t, torch.finfo(t.dtype).min) if t.is_floating_point() else t,
    torch.zeros_like,
    lambda t: t[None],
    lambda t: t.reshape(-1),
    lambda t: t.mT if t.ndim > 1 else t,
    lambda t: t[:0] if t.ndim else t.new_empty(0),
    lambda t: t[..., :0] if t.ndim else t.new_empty(0, 3),
    lambda t: t[..., :1] if t.ndim else t,
    lambda t: t.reshape(-1)[:1].reshape(()) if t.numel() else t.new_zeros(()),
    lambda t: t.new_zeros(()),
    lambda t: t.new_zeros(1),
    lambda t: t.new_zeros(2, 0, 3),
    lambda t: t.new_zeros([1] * 16),
    lambda t: torch.cat([t, t]) if t.ndim else t,
    lambda t: -t if t.dtype is not torch.bool else ~t,
    lambda t: torch.nn.Parameter(t.clone()) if t.is_floating_point() else t,
    lambda t: t.clone().requires_grad_() if t.is_floating_point() else t,
    *(lambda t, dtype=dtype: t.to(dtype) for dtype in DTYPES),
]
OTHERS: list[Callable[[], Any]] = [
    lambda: None, list, dict, lambda: (), lambda: [[]], lambda: values.Opaque("Tensor", "x"),
    lambda: Handle("unet", {}), lambda: Handle("\0", {"a": torch.zeros(1)}), torch.Generator,
    lambda: {2: 2, 0.5: 3, True: 4}, lambda: {math.nan: 1, math.inf: 2}, lambda: {"": {"": {}}},
    lambda: _nested(30), lambda: [0] * 3000, lambda: ["x"] * 3000,
    lambda: np.zeros(3), lambda: np.zeros((2, 2), dtype=np.complex64), lambda: np.bool_(True),
    lambda: np.float16(1), lambda: np.array(3), lambda: np.int64(-1), lambda: np.uint64(2**64 - 1),
    lambda: Image.new("L", (1, 1)), lambda: Image.new("RGBA", (3, 2)), lambda: Image.new("F", (64, 64)),
    lambda: Image.new("RGB", (64, 64)), lambda: Image.new("RGB", (1, 70)), lambda: torch.zeros(3),
    lambda: torch.zeros(0), lambda: torch.zeros((), dtype=torch.complex64), lambda: torch.zeros(2, 3, dtype=torch.bool),
]  # fmt: skip


def _nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


def odd(value: Any, chance: random.Random, *, typed: bool) -> Any:
    """Return a value in the place of another one: of its type if `typed`, so that a reader's promise is kept."""
    change = _CHANGES.get(type(value), _other)
    return (change if typed or chance.random() < 0.75 else _other)(value, chance, typed=typed)


def _items(value: Any, chance: random.Random, *, typed: bool) -> Any:
    items = list(value)
    match chance.randrange(5):
        case 0:
            items = items[: chance.randrange(len(items) + 1)]
        case 1:
            items += items[:2]
        case _ if items:
            place = chance.randrange(len(items))
            items[place] = odd(items[place], chance, typed=typed)
    return type(value)(items)


def _pairs(value: Any, chance: random.Random, *, typed: bool) -> Any:
    pairs = dict(value)
    key = chance.choice(list(pairs)) if pairs else "x"
    match chance.randrange(4):
        case 0:
            pairs.pop(key, None)
        case 1 if typed:
            pairs = {chance.choice(TEXTS): item for item in pairs.values()}
        case 1:
            pairs[chance.choice(NUMBERS)] = 1
        case _ if pairs:
            pairs[key] = odd(pairs[key], chance, typed=typed)
    return pairs


def _tensor(value: Any, chance: random.Random, **_: Any) -> Any:
    made = chance.choice(TENSORS)(value.detach())
    return chance.choice(TENSORS)(made.detach()) if chance.random() < 0.3 else made


def _text(_value: Any, chance: random.Random, **_: Any) -> Any:
    return chance.choice(TEXTS)


def _number(value: Any, chance: random.Random, *, typed: bool) -> Any:
    return chance.choice([number for number in NUMBERS if type(number) is type(value)] if typed else NUMBERS)


def _image(value: Any, chance: random.Random, **_: Any) -> Any:
    changes = [value.convert("L"), value.resize((1, 1)), value.rotate(90, expand=True), value.convert("RGBA")]
    return chance.choice(changes)


def _other(value: Any, chance: random.Random, *, typed: bool) -> Any:
    return value if typed else chance.choice(OTHERS)()


_CHANGES: dict[type, Callable[..., Any]] = {
    list: _items, tuple: _items, dict: _pairs, torch.Tensor: _tensor, torch.nn.Parameter: _tensor, str: _text,
    bool: _number, int: _number, float: _number, Image.Image: _image,
}  # fmt: skip


class Odd(Session):
    """A session whose answers are those of the solution, some of them made odd."""

    history: tuple[bytes, ...] = ()  # of the example: an equal question gets another answer after other ones
    chance: random.Random | None = None  # None: as they are
    place = 0  # of the first answer that is made odd
    asked = returned = 0

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.known: dict[tuple[bytes, ...] | str, tuple[Any, bytes]] = {}

    def close(self) -> None:
        """Keep the worker for the next check."""

    def _exchange(self, frame: bytes) -> tuple[Any, memoryview]:
        number = len(self.transcript.example)
        self.history = (*self.history[:number], frame)
        # What was never asked for the solution is not worth a worker's time: an answer of the same function will do.
        keys = (self.history, (frame,), self.function)
        recorded = next((self.known[key] for key in keys if key in self.known), None)
        if self.chance is None or recorded is None:
            answer, buffers = super()._exchange(frame)
            recorded = answer, bytes(buffers)
            self.known |= dict.fromkeys(keys, recorded)
        answer, data = recorded
        answer = msgspec.structs.replace(answer, number=number + 1)
        chance = self.chance
        self.asked += 1
        if chance is None or not isinstance(answer, messages.Returned):
            return answer, memoryview(data)
        if self.asked - 1 < self.place or (self.asked - 1 > self.place and chance.random() < 0.6):
            return answer, memoryview(data)
        self.returned += 1
        return self._made_odd(answer, data, chance, is_reader=self.is_reader)

    is_reader, function = False, ""

    def call(self, function: str, *arguments: Any, **keywords: Any) -> Any:
        """Remember who is asked: what a reader says must be of its type to get anywhere."""
        self.function = function
        self.is_reader = bool(keywords.get("reader"))
        self._unusable, self._seconds_left, self._most_cpu_seconds = None, math.inf, math.inf
        return super().call(function, *arguments, **keywords)

    def _made_odd(
        self, answer: messages.Returned, data: bytes, chance: random.Random, *, is_reader: bool
    ) -> tuple[Any, memoryview]:
        if chance.random() < 0.04:
            name, said = chance.choice(["E", "", "WireError", "NotImplementedError", "TypeError"]), chance.choice(TEXTS)
            frame = messages.Frame(chance.choice(TEXTS), chance.choice([0, -1, 1, 2**31]), chance.choice(TEXTS), said)
            return messages.Raised(
                answer.number, name, said, [frame] * chance.randrange(8), chance.choice(TEXTS),
                stopped=False, called=chance.random() < 0.8,
            ), memoryview(b"")  # fmt: skip
        decoder = values.Decoder(memoryview(data))
        result = decoder.value(answer.result)
        after = [decoder.value(tree) for tree in answer.arguments or []]
        named = {name: decoder.value(tree) for name, tree in (answer.keywords or {}).items()}
        if after and chance.random() < 0.5:
            place = chance.randrange(len(after))
            after[place] = odd(after[place], chance, typed=False)
        else:
            result = odd(result, chance, typed=is_reader and chance.random() < 0.9)
        encoder = values.Encoder()
        try:
            return messages.Returned(
                answer.number,
                encoder.tree(result),
                None if answer.arguments is None else [encoder.tree(value) for value in after],
                None if answer.keywords is None else {name: encoder.tree(value) for name, value in named.items()},
                chance.choice(TEXTS) if chance.random() < 0.1 else "",
            ), memoryview(b"".join(encoder.buffers))
        except WireError:
            return answer, memoryview(data)


class Bodies:
    """The bodies of an exercise's checks with what they were called with for the solution."""

    def __init__(self, judge: Judge, exercise: Exercise) -> None:
        from grader.plugin.run import run_checks

        self.found: list[tuple[str, Callable[..., None], dict[str, Any], int]] = []
        prepare = examples.prepare

        def recording(item: Any, with_judge: Judge) -> None:
            check = item.obj
            if examples.hypothesis.is_hypothesis_test(check):
                inner = check.hypothesis.inner_test
                inner = getattr(inner, "without_bounds", inner)
                check.hypothesis.inner_test = self._noting(item.name, inner, judge, exercise)
            else:
                item.obj = self._noting(item.name, check, judge, exercise)
            prepare(item, with_judge)

        examples.prepare = recording
        try:
            recorder = run_checks(judge, [exercise])
        finally:
            examples.prepare = prepare
        failed = [
            result for result in recorder.results(exercise) if result.outcome not in (Outcome.PASSED, Outcome.SKIPPED)
        ]
        if failed:
            raise RuntimeError(f"{exercise.name}: the solution does not pass: {failed}")

    def _noting(self, name: str, inner: Any, judge: Judge, exercise: Exercise) -> Any:
        @functools.wraps(inner)
        def noted(*arguments: Any, **keywords: Any) -> None:
            session = judge.session(exercise)
            before = session.asked if session else 0
            inner(*arguments, **keywords)
            session = judge.session(exercise)
            asked = (session.asked if session else 0) - before
            if asked and sum(known == name for known, *_ in self.found) < MOST_BODIES:
                self.found.append((name, functools.partial(inner, *arguments), keywords, asked))

        return noted


def fuzz(judge: Judge, exercise: Exercise, count: int, seed: int) -> dict[str, Any]:
    """Make `count` answers odd; return how the checks ended, and what broke."""
    started = time.monotonic()
    judge._sessions.clear()
    bodies = Bodies(judge, exercise).found
    session: Any = judge.session(exercise)
    if not bodies:
        raise RuntimeError(f"{exercise.name}: no check asks the submission anything.")
    chance = random.Random(f"{seed} {exercise.name}")
    ended: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for name, body, keywords, asked in itertools.cycle(bodies):
        if session.returned >= count:
            break
        session.transcript.begin_example()
        session.chance, session.place, session.asked = chance, chance.randrange(asked), 0
        for value in keywords.values():
            if isinstance(value, Path):  # a check's own folder is taken away when it has run for the first time
                value.mkdir(parents=True, exist_ok=True)
        try:
            body(**keywords)
            explained = Explained(Outcome.PASSED)
        except BaseException as error:
            explained = explain(error, exercise, session)
            where = f"{name}: {explained.message.partition(' Set GRADE_DEBUG')[0]}"
            if isinstance(error, KeyboardInterrupt):
                raise
        finally:
            session.chance = None
        ended[explained.outcome] += 1
        if explained.outcome is Outcome.ERROR:
            (settled if explained.failed else broken)[where[:600]] += 1
            explained = explained.failed or Explained(Outcome.FAILED, where)
        if explained.outcome is Outcome.FAILED and ended["failed"] % REPORTED_EVERY == 0:
            try:
                write_reports(judge, exercise, explained)
            except Exception as error:
                broken[f"report: {type(error).__name__}: {error}"[:300]] += 1
    return {
        "returns": session.returned,
        "passed": ended["passed"],
        "failed": ended["failed"],
        "settled": settled,
        "broken": broken,
        "seconds": round(time.monotonic() - started, 1),
    }


def write_reports(judge: Judge, exercise: Exercise, explained: Explained) -> None:
    """Write a verdict with such a failure in every format."""
    checks = tuple(
        CheckResult(c.name, c.title, c.visibility, Outcome.FAILED, explained.message, 0.0, explained.counterexample, ())
        for c in exercise.checks
    )
    result = marked(exercise, judge._rubrics, checks)
    verdict = Verdict(
        grader="0", course="course", submission=SubmissionInfo("work.py", "0" * 64), isolation="strict", tier="cpu",
        seed=None, points=0.0, max_points=10.0, exercises=(result,), model="",
    )  # fmt: skip
    for name in FORMATS.names:
        FORMATS.written(name, verdict)


def main() -> None:
    """Fuzz the exercises of the command line, all of them for none."""
    target, count, seed, *names = sys.argv[1:]
    import grader.plugin.judge as judge_module

    judge_module.Session = Odd
    course = find_course(PROJECT)
    rubrics = load_rubrics(course)
    exercises = [exercise for exercise in course.in_code if not names or exercise.name in names]
    found = {}
    with ForkServer(Isolation.AUTO, bench(course)) as server:
        for exercise in exercises:
            if exercise.on_model:
                _get_ready(TINY, course)
            judge = Judge(course, rubrics, read_submission(exercise.solution), server, call_seconds=PLENTY)
            found[exercise.name] = fuzz(judge, exercise, int(count), int(seed))
            print(exercise.name, json.dumps(found[exercise.name]), flush=True)
            for session in judge._sessions.values():
                Session.close(session)
    Path(target).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
