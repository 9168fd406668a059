"""Known mistakes as data: what wrong variants answer where they first fail, not enough to read a solution from it.

A student's copy of a course has no wrong variants. Draws are the same everywhere, so a student with the same
mistake fails on the same smallest input with the same answers, up to rounding. Of tensors, a few random projections are
kept.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch
from PIL import Image

from grader.checks import TOLERANCES
from grader.checks.images import WHITE, pixels
from grader.diagnosis.meaning import are_names, entries, is_plain_number, number, raised
from grader.errors import UsageError
from grader.faults import reading
from grader.results import Diagnosis, Outcome

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.results import CheckResult
    from grader.sandbox.outside.transcript import CallRecord

SCHEMA = "grader.mistakes/2"
_LISTS = ("mistakes", "entries")
PROJECTIONS = 6
_DIGITS = 9
_TOLERANCE = max(TOLERANCES.values())
# Of projections of a picture: what comes of half a level in every pixel, or of two levels in some.
_PICTURE_TOLERANCE = 0.5 / WHITE


class Entry(msgspec.Struct, frozen=True):
    """What a variant answered to the calls of a check's smallest failing input, known by their digest.

    With `exact`, it differs from what is right by less than the tolerance, so only the same numbers are the mistake.
    """

    variant: str
    check: str
    calls: str
    answers: list[Any]
    exact: bool = False


class KnownMistakes(msgspec.Struct, frozen=True):
    """The mistakes of one exercise, where they show, and by variant, the checks that each fails, hidden ones included.

    `made_of` is the hash of what decided the answers (`grader.fingerprint.of_mistakes`): another one is stale.
    """

    schema: str
    mistakes: list[Diagnosis]
    entries: list[Entry]
    fails: dict[str, list[str]]
    made_of: str = ""


def entry(variant: str, check: str, calls: Sequence[CallRecord], right: Sequence[CallRecord]) -> Entry | None:
    """Return what is kept of a variant's failing example, given the reference solution's answers to the same calls.

    None if what would be kept is the same for both: everything that is nearly right would look like the variant.
    """
    answers, of_solution = ([_answer(call) for call in each] for each in (calls, right))
    if answers == of_solution:
        return None
    return Entry(variant, check, _digest(calls), answers, exact=agree(answers, of_solution))


def to_json(known: KnownMistakes) -> str:
    """Return the mistakes of an exercise as JSON text, the same for the same mistakes, one entry a line."""
    plain = msgspec.to_builtins(known)
    lists = {name: ",\n".join(json.dumps(item, sort_keys=True) for item in plain.pop(name)) for name in _LISTS}
    rest = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(plain.items())]
    return "{\n" + ",\n".join([*rest, *(f'"{name}": [\n{lists[name]}\n]' for name in _LISTS)]) + "\n}\n"


def read(path: Path) -> KnownMistakes:
    """Read what :func:`to_json` wrote; raise `UsageError` if the file holds something else."""
    try:
        with reading(path):
            known = _decoded(path, path.stat().st_mtime_ns)
        if known.schema != SCHEMA:
            raise ValueError(f'its schema is "{known.schema}"')
    except ValueError as error:  # every error of msgspec is one
        raise UsageError(f"{path} is damaged ({error}): put it back as it was in the course.") from error
    return known


@functools.lru_cache(maxsize=64)
def _decoded(path: Path, _changed: int) -> KnownMistakes:
    """Decode a file, which is done again when it has changed: every failing submission of a class asks for it."""
    return msgspec.json.decode(path.read_bytes(), type=KnownMistakes)


def fails(path: Path | None) -> dict[str, list[str]]:
    """Return the checks that each wrong variant fails, as far as that is recorded."""
    if path is None or not path.is_file():
        return {}
    try:
        return read(path).fails
    except UsageError:
        return {}  # of another version of this tool, or damaged: `grade verify` says so


def with_breadth(exercise: Exercise, results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """Return the results with the share of known mistakes that fail each failed check, as far as that is recorded."""
    if all(result.outcome is not Outcome.FAILED for result in results):
        return results
    known = fails(exercise.recorded_mistakes or exercise.mistakes)
    if not known:
        return results
    shares = {result.name: sum(result.name in failed for failed in known.values()) / len(known) for result in results}
    return tuple(
        msgspec.structs.replace(result, breadth=round(shares[result.name], 6))
        if result.outcome is Outcome.FAILED
        else result
        for result in results
    )


def recognise(
    known: KnownMistakes, failing: Mapping[str, Sequence[CallRecord]], passed: Container[str]
) -> dict[str, list[Diagnosis]]:
    """Return, for every failed check, the mistakes that gave the submission's answers on the same calls.

    A mistake that fails a check which has `passed` is not the submission's. One that answers the calls of another
    failed check differently, or does not fail that check at all, agrees in a part of them only: there is more to it.
    Where several remain, those go before the others that agree everywhere, and of these the ones that fail the same
    checks. Of several that agree in a part only, none is named.
    """
    by_name = {mistake.variant: mistake for mistake in known.mistakes}
    failed_by: dict[str, set[str]] = {}
    for kept in known.entries:
        failed_by.setdefault(kept.variant, set()).add(kept.check)
    answered = {check: (_digest(calls), [_answer(call) for call in calls]) for check, calls in failing.items()}
    same: dict[str, list[str]] = {check: [] for check in failing}
    contradicted: dict[str, set[str]] = {
        variant: {check for check in failing if fails and check not in fails} for variant, fails in known.fails.items()
    }
    for kept in known.entries:
        digest, answers = answered.get(kept.check, ("", []))
        if kept.calls != digest or any(fails in passed for fails in known.fails.get(kept.variant, ())):
            continue
        if agree(kept.answers, answers, 0.0 if kept.exact else _TOLERANCE):
            same[kept.check].append(kept.variant)
        else:
            contradicted.setdefault(kept.variant, set()).add(kept.check)
    found: dict[str, list[Diagnosis]] = {}
    for check, alike in same.items():
        everywhere = [variant for variant in alike if not contradicted.get(variant)]
        exact = [variant for variant in everywhere if failed_by[variant] == set(failing)]
        likely = exact or everywhere or (alike if len(alike) == 1 else [])
        found[check] = [
            msgspec.structs.replace(by_name[variant], agreement=1.0 - len(contradicted.get(variant, ())) / len(failing))
            for variant in likely
        ]
    return found


def _digest(calls: Sequence[CallRecord]) -> str:
    """Return a hash of the function and arguments of the calls, but not of their limits or of how they were sent."""
    digest = hashlib.sha256()
    for question in (call.question for call in calls):
        call = question.call
        asked = [call.function, call.arguments, call.keywords, call.backward, call.reader, call.return_arguments]
        for part in (msgspec.msgpack.encode(asked), question.buffers()):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()[:32]


def _answer(call: CallRecord) -> Any:
    """Return the gist of an answer, of plain JSON."""
    if call.error is not None:
        error = raised(call.error)
        said = hashlib.sha256(error.said.encode("utf-8", "surrogatepass")).hexdigest()[:16] if error else ""
        return {"error": error.error if error else "", "said": said}
    return [_gist(call.result), _gist(call.arguments), _gist(call.keywords)]


def _gist(value: Any) -> Any:
    if isinstance(value, bool | str | None | int):
        gist: Any = value
    elif isinstance(value, float):
        gist = round(value, _DIGITS) if math.isfinite(value) else str(value)
    elif (found := number(value)) is not None:
        gist = {"number": str(getattr(value, "dtype", "")), "value": _gist(float(found))}
    elif isinstance(value, torch.Tensor):
        gist = _projected(value.detach())
    elif (inside := entries(value)) is not None:
        gist = _gist(inside)
    elif isinstance(value, np.ndarray | np.generic):
        gist = _projected(torch.as_tensor(np.array(value)))
    elif are_names(value):
        gist = sorted(value)
    elif isinstance(value, list | tuple):
        gist = [_gist(item) for item in value]
    elif isinstance(value, Mapping):
        gist = {str(key): _gist(item) for key, item in value.items()}
    elif isinstance(value, Image.Image):
        shares = pixels(value).double() / WHITE
        gist = {"picture": _projected(shares)}
    else:
        gist = type(value).__name__
    return gist


def _projected(tensor: torch.Tensor) -> Any:
    """Return type, shape, and the projections on a few fixed random directions, of about the size of one value."""
    real = torch.view_as_real(tensor) if tensor.is_complex() else tensor
    flat = real.flatten().to(torch.float64)
    finite = flat.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    generator = torch.Generator().manual_seed(flat.numel())
    directions = torch.randn(PROJECTIONS, flat.numel(), generator=generator, dtype=torch.float64)
    sums = directions @ finite / max(1.0, math.sqrt(flat.numel()))
    odd = int((~flat.isfinite()).sum())
    return [str(tensor.dtype), list(tensor.shape), odd, [round(value, _DIGITS) for value in sums.tolist()]]


def agree(known: Any, answer: Any, tolerance: float = _TOLERANCE) -> bool:
    """Tell whether an answer is a known one, up to rounding; a known number of Python may come as any other number."""

    def same(one: Any, other: Any) -> bool:
        return agree(one, other, tolerance)

    if is_plain_number(known) and isinstance(answer, dict) and answer.keys() == {"number", "value"}:
        answer = answer["value"]
    if is_plain_number(known) and is_plain_number(answer):
        return math.isclose(known, answer, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(known, list) and isinstance(answer, list):
        return len(known) == len(answer) and all(map(same, known, answer))
    if isinstance(known, dict) and known.get("error") == "":
        return False  # an error without a name, such as a result of a type that cannot be sent, is not a known mistake
    if isinstance(known, dict) and isinstance(answer, dict):
        if known.keys() == answer.keys() == {"picture"}:
            return agree(known["picture"], answer["picture"], _PICTURE_TOLERANCE)
        return known.keys() == answer.keys() and all(same(known[key], answer[key]) for key in known)
    return type(known) is type(answer) and bool(known == answer)
