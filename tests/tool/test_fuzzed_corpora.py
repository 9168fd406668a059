"""What fuzzing has found so far is read without a fault; `tests/fuzz/fuzz.py` looks for more."""

from __future__ import annotations

import random

import pytest

from fuzz.targets import CORPORA, TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_is_read(name: str) -> None:
    target = TARGETS[name]
    found = [path.read_bytes() for path in sorted((CORPORA / name).iterdir())]
    assert found
    for data in [*target.seeds(), *found]:
        target.run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read_with_any_byte_changed(name: str) -> None:
    chance = random.Random(name)
    for seed in filter(None, TARGETS[name].seeds()):
        changed = bytearray(seed)
        changed[chance.randrange(len(seed))] = chance.randrange(256)
        TARGETS[name].run(bytes(changed))
