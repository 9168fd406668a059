"""What public checks of training expect is what the oracles compute."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from exercises.textual_inversion.checks import _both_ways, _checkpoints
from grader.diffusion.stable_diffusion import stable_diffusion
from reference._record_numbers import LESSONS, file_of
from reference.textual_inversion import _hooked, _picture_by_picture

TOLERANCE = 3e-5  # of the largest number of a tensor; machines differ by rounding


@pytest.mark.parametrize("lesson", list(LESSONS))
def test_recorded_numbers_are_those_of_the_oracles(lesson: str) -> None:
    recorded, computed = load_file(file_of(lesson)), LESSONS[lesson](stable_diffusion())
    assert recorded.keys() == computed.keys(), "Run `python -m reference._record_numbers`."
    for name, value in computed.items():
        apart = (recorded[name].double() - value.detach().double()).abs().max() / value.detach().abs().max()
        assert torch.isfinite(apart), name
        assert apart < TOLERANCE, f"{name}: run `python -m reference._record_numbers`."


def assert_recorded(recorded: torch.Tensor, computed: torch.Tensor) -> None:
    """Require a recorded tensor of losses or drifts, of which the largest decides how much rounding may do."""
    assert (recorded - computed).abs().max() <= TOLERANCE * computed.abs().max()
    assert computed.unique().numel() > 1


def test_recorded_losses_of_checkpoints_are_those_of_one_picture_at_a_time() -> None:
    recorded = _checkpoints.recorded()
    assert_recorded(recorded["losses/real"], _picture_by_picture.losses(_checkpoints.real_task()))
    for power in (1.0, 1.5):
        computed = _picture_by_picture.losses(_checkpoints.pinned_task(power))
        assert_recorded(recorded[f"losses/drawn/{power:g}"], computed)


def test_recorded_results_of_the_project_are_those_of_bypasses() -> None:
    tasks = {subject: _both_ways.learned_task(subject) for subject in _both_ways.SUBJECTS}
    tasks |= {f"drawn/{power:g}": _both_ways.pinned_task(power) for power in (1.0, 1.5)}
    for name, task in tasks.items():
        found = _hooked.asked(task)
        assert_recorded(_both_ways.recorded()[f"{name}/losses"], found.losses)
        assert_recorded(_both_ways.recorded()[f"{name}/drifts"], found.drifts)
