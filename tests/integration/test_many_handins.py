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
    lasting = [number for number in found[0].memory if all(number in moment.memory for moment in found)]
    with capsys.disabled():
        print()
        for moment in found:
            print(f"{moment.graded} graded after {moment.seconds:.0f} s; MiB of each process, PSS and anonymous:",
                  *(f"{each.pss:.1f} {each.anonymous:.1f};" for each in map(moment.memory.get, lasting)))  # fmt: skip
    growth = {number: found[-1].memory[number].anonymous - found[0].memory[number].anonymous for number in lasting}
    assert len(lasting) >= 9  # the command; what starts processes for it; two workers, each with a job and its servers
    assert max(growth.values()) < GROWTH_MIB, growth
