"""What there is to tell about checks that did not pass, what helps most first; every report draws it in its own way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.results import CheckResult, Counterexample, Diagnosis


class Problem(NamedTuple):
    """Checks that failed for one reason, and the one that shows it best."""

    best: CheckResult
    checks: tuple[CheckResult, ...]


def problems(checks: Sequence[CheckResult]) -> list[Problem]:
    """Return every problem once; what is understood comes first."""
    found: dict[object, list[CheckResult]] = {}
    for check in checks:
        if check.outcome in (Outcome.FAILED, Outcome.ERROR):
            found.setdefault(_reason(check), []).append(check)
    groups = sorted(found.values(), key=lambda group: not group[0].diagnosis)
    return [Problem(min(group, key=_clumsiness), tuple(group)) for group in groups]


def _reason(check: CheckResult) -> object:
    """Return what checks that failed for one reason share: the known mistakes, else the message without its numbers."""
    if check.diagnosis:
        return tuple(diagnosis.variant for diagnosis in check.diagnosis)
    return re.sub(r"[-\d.,\s\[\]]+", " ", check.message)


def _clumsiness(check: CheckResult) -> tuple[bool, int]:
    """Order checks that failed for one reason: the check that is about the mistake first, then the shortest input."""
    is_about_it = check.name in {diagnosis.caught_by for diagnosis in check.diagnosis}
    return not is_about_it, len(check.counterexample.call) if check.counterexample else 0


def evidence(found: Counterexample) -> Iterator[tuple[str, str]]:
    """Yield the smallest failing input and what came of it, as labels and texts."""
    earlier, _, last = found.call.rpartition("\n")
    function = last.partition("(")[0]
    for call in filter(None, earlier.split("\n")):
        yield "first", call
    yield (
        "then" if earlier else "input",
        f"{function}(" + "".join(f"\n    {name}={text}," for name, text in found.arguments.items()) + "\n)",
    )
    if found.expected is not None:
        yield "expected", found.expected
    if found.actual is not None:
        yield "yours", found.actual
    if found.where is not None:
        yield "where", found.where
    if found.difference is not None and found.tolerance:
        yield "difference", f"{found.difference:.3g} (up to {found.tolerance:.3g} is accepted)"
    if found.printed.strip():
        yield "printed", found.printed.strip()


def lead(diagnoses: Sequence[Diagnosis]) -> str:
    """Return the sentence before the mistakes that a result is that of."""
    if diagnoses[0].agreement < 1:
        return "On this input your result is what comes out of this mistake; on others it is not, so there may be more:"
    if len(diagnoses) == 1:
        return "Your result is exactly what comes out of this mistake:"
    return f"Your result is exactly what comes out of each of these {len(diagnoses)} mistakes:"


def points(number: float) -> str:
    """Return a number of points without needless decimals."""
    return f"{number:g}"
