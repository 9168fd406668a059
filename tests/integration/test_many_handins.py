"""A class of thousands on a cluster: memory does not grow with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.many_handins import ManyHandIns

MOMENTS = range(500, 3001, 500)  # before the first, everything is imported and every cache is full
GROWTH_MIB = 10.0  # in 2,500 hand-ins: 4 KiB for each, less than any verdict has


@pytest.mark.slow
def test_three_thousand_hand_ins_leave_memory_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = ManyHandIns(tmp_path, MOMENTS[-1] + 50)  # the end, when all marks are computed, is measured elsewhere
    found = work.graded("--cluster", "local", "--jobs", "2", at=MOMENTS)
    lasting = set.intersection(*(set(moment.memory) for moment in found))
    command = next(iter(found[0].memory))
    with capsys.disabled():
        print()
        for moment in found:
            rss = "  ".join(f"{each.rss:.1f}" for number, each in moment.memory.items() if number in lasting)
            print(f"{moment.graded} graded after {moment.seconds:.0f} s; MiB: command {moment.memory[command].pss:.1f}; "
                  f"every process {rss}", flush=True)  # fmt: skip
    first, last = found[0].memory, found[-1].memory
    assert last[command].pss - first[command].pss < GROWTH_MIB
    assert len(lasting) >= 9  # the command; what starts processes for it; two workers, each with a job and its servers
    assert {number: last[number].rss - first[number].rss for number in lasting if
            last[number].rss - first[number].rss >= GROWTH_MIB} == {}  # fmt: skip
