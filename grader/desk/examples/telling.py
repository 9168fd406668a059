"""Says in sentences what became of a student's examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.desk.examples.reading import Example
    from grader.desk.examples.trying import Tried


def told(examples: Sequence[Example], tried: Tried) -> Iterator[str]:
    """Yield what is to be said: wrong examples first, since the others mean little as long as there are any.

    What a correct solution returns is never said.
    """
    for example in tried.contradicted or ():
        yield f"✗ line {example.line}: {example.text}"
        yield "    A correct solution returns something else: compute it by hand again."
    for example, why in zip(examples, tried.own, strict=True):
        if example not in (tried.contradicted or ()):
            yield f"{'✗' if why else '✓'} line {example.line}: {example.text}"
            if why:
                yield f"    Your function does not: {why.rstrip('.')}."
    if tried.caught is None or tried.missed is None:
        return
    known = len(tried.caught) + len(tried.missed)
    if not known:
        return
    yield f"They catch {len(tried.caught)} of the {known} mistakes that this course knows."
    if tried.missed:
        yield f"Not caught, for one: {tried.missed[0].title}"
