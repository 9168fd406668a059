"""Classes of thousands, on a cluster and in one batch: memory does not grow with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.many_handins import RIGHT, WRONG, ManyHandIns, Moment

MOMENTS = range(500, 3001, 500)  # before the first, everything is imported and every cache is full
GROWTH_MIB = 10.0  # in 2,500 hand-ins: 4 KiB for each, less than any verdict has


@pytest.mark.slow
def test_three_thousand_hand_ins_leave_memory_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = ManyHandIns(tmp_path, MOMENTS[-1] + 50)  # the end, when all marks are computed, is measured elsewhere
    growth = growths(work.graded("--cluster", "local", "--jobs", "2", at=MOMENTS), capsys)
    assert len(growth) >= 9  # the command; what starts processes for it; two workers, each with a job and its servers
    assert max(growth) < GROWTH_MIB, growth


@pytest.mark.slow
def test_twenty_thousand_hand_ins_in_one_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A quarter is wrong, and a hundredth ends its process."""
    work = ManyHandIns(tmp_path, 20_000, mixed=True)
    growth = growths(work.graded("--jobs", "2", at=(1_000, 5_000, 10_000, 15_000, 19_900)), capsys)
    assert len(growth) >= 7
    assert max(growth) < GROWTH_MIB, growth
    due = {RIGHT: 10.0, WRONG: 0.0}
    assert work.points() == [due.get(line, 0.0) for line in work.lines]


def growths(found: list[Moment], capsys: pytest.CaptureFixture[str]) -> list[float]:
    """Return by how many MiB each process has grown that was there at every moment, and print what it had then."""
    lasting = [number for number in found[0].memory if all(number in moment.memory for moment in found)]
    with capsys.disabled():
        print()
        for moment in found:
            print(f"{moment.graded} graded after {moment.seconds:.0f} s; MiB of each process, PSS and anonymous:",
                  *(f"{each.pss:.1f} {each.anonymous:.1f};" for each in map(moment.memory.get, lasting)))  # fmt: skip
    return [found[-1].memory[number].anonymous - found[0].memory[number].anonymous for number in lasting]
