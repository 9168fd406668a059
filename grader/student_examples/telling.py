"""Says in sentences what became of a student's examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.student_examples.reading import Example
    from grader.student_examples.trying import Worth


def told(examples: Sequence[Example], own: Sequence[str], worth: Worth | None) -> Iterator[str]:
    """Yield what is to be said: wrong examples first, since the others mean little as long as there are any.

    `own` says of each example why it does not hold for the student's function, "" if it does. What a correct solution
    returns is never said.
    """
    contradicted = worth.contradicted if worth is not None else ()
    for example in contradicted:
        yield f"✗ line {example.line}: {example.text}"
        yield "    A correct solution returns something else: compute it by hand again."
    for example, why in zip(examples, own, strict=True):
        if not any(example is each for each in contradicted):  # tensors cannot be compared by `==`
            yield f"{'✗' if why else '✓'} line {example.line}: {example.text}"
            if why:
                yield f"    Your function does not: {why.rstrip('.')}."
    if worth is None:
        return
    if worth.costly is not None:
        yield costly(worth.costly)
        return
    known = len(worth.caught) + len(worth.missed)
    if not known:
        return
    yield f"They catch {len(worth.caught)} of the {known} mistakes that this course knows."
    if worth.missed:
        yield missed(worth)


def costly(example: Example) -> str:
    """Return the sentence on an example that a correct solution has no time or no memory for."""
    what = f"too much time or memory for the examples up to line {example.line}"
    return f"Even a correct solution needs {what}: make the inputs smaller."


def missed(worth: Worth) -> str:
    """Return the sentence on a mistake that no example catches."""
    return f"Not caught, for one: {worth.missed[0].title}"
