"""No search for garbage while libraries are imported, and one again as soon as submissions run."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from grader import garbage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.enable()


@pytest.mark.light
@pytest.mark.parametrize("before", [True, False])
def test_it_is_afterwards_as_it_was(before: bool) -> None:
    (gc.enable if before else gc.disable)()
    with garbage.left_alone():
        assert not gc.isenabled()
    assert gc.isenabled() is before


@pytest.mark.light
def test_it_is_looked_for_again_after_an_import_that_failed() -> None:
    with pytest.raises(ImportError), garbage.left_alone():
        raise ImportError
    assert gc.isenabled()


def test_a_submissions_own_garbage_is_looked_for(graded: Callable) -> None:
    source = "import gc\ndef double(number): return 2 * number if gc.isenabled() else None"
    assert graded(source).outcome == "passed"
    assert gc.isenabled()
