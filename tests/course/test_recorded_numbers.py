"""What public checks of training expect is what the oracles compute."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from grader.diffusion.stable_diffusion import stable_diffusion
from reference._record_numbers import LESSONS, file_of

TOLERANCE = 3e-5  # of the largest number of a tensor; machines differ by rounding


@pytest.mark.parametrize("lesson", list(LESSONS))
def test_recorded_numbers_are_those_of_the_oracles(lesson: str) -> None:
    recorded, computed = load_file(file_of(lesson)), LESSONS[lesson](stable_diffusion())
    assert recorded.keys() == computed.keys(), "Run `python -m reference._record_numbers`."
    for name, value in computed.items():
        apart = (recorded[name].double() - value.detach().double()).abs().max() / value.detach().abs().max()
        assert torch.isfinite(apart), name
        assert apart < TOLERANCE, f"{name}: run `python -m reference._record_numbers`."
