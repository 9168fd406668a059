"""Runs that are ended where they can no longer be right: `logs.follow`."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import torch

from grader.workbench import logs, recipes

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMESTEPS = (9, 6, 3, 0)
kept: list[Any] = []  # as a worker keeps the objects of an example


@pytest.fixture(autouse=True)
def nobody_follows() -> Iterator[None]:
    """Let runs go on after a test."""
    yield
    logs.follow(None)
    kept.clear()


def denoiser() -> Any:
    """Return a new denoiser."""
    return recipes.denoiser("gaussian", alphas_cumprod=torch.linspace(0.99, 0.1, 10), mean=0.0, std=1.0)


def run(*shifts: float, timesteps: tuple[int, ...] = TIMESTEPS, halves: int = 1, model: Any = None) -> int:
    """Ask a denoiser for some timesteps, of samples that are shifted, and return how often it has answered."""
    model = model or denoiser()
    kept[:] = [model]
    before = len(logs.calls_of(model))
    try:
        for timestep, shift in zip(timesteps, shifts, strict=False):
            for _ in range(halves):
                model(torch.full((1, 2), timestep + shift), timestep)
    except logs.Strayed:
        return len(logs.calls_of(model)) - before - 1
    return len(logs.calls_of(model)) - before


@pytest.mark.parametrize(
    ("shifts", "answered"),
    [
        ((0, 0, 2, 2), 4),  # the third question was wrong, and is another one now
        ((0, 0, 1, 2), 2),  # it is the same again
        ((0, 1, 2, 2), 1),  # a question is wrong that was right
        ((0, 0, 2, 1), 4),  # what comes after it may be what it was
    ],
)
def test_a_run_ends_where_it_cannot_be_right(shifts: tuple[float, ...], answered: int) -> None:
    """The first questions must be those that were right, and the next one must not be what it was."""
    run(0, 0, 1, 1)
    logs.follow(2)
    assert run(*shifts) == answered


def test_a_run_that_was_right_must_be_the_same() -> None:
    """Where all questions were right, what is wrong comes after them."""
    run(0, 0, 0, 0)
    logs.follow(4)
    assert run(0, 0, 0, 0) == 4
    assert run(0, 0, 0, 1) == 3


def test_another_timestep_is_another_question() -> None:
    """A question for the wrong timestep is wrong with any sample."""
    run(0, 0, 0, 0)
    logs.follow(4)
    assert run(0, 0, 0, timesteps=(9, 6, 2)) == 2


def test_two_halves_are_one_question() -> None:
    """Guidance may ask twice for a timestep."""
    run(0, 1, 1, 1, halves=2)
    logs.follow(1)
    assert run(0, 2, 2, 2, halves=2) == 8
    assert run(0, 1, 1, 1, halves=2) == 2  # both halves of the first one


def test_what_a_model_was_asked_before_does_not_count() -> None:
    """A model may have been called in an example before the run that is wrong."""
    model = denoiser()
    run(5, 5, 5, 5, model=model)
    run(0, 1, 1, 1)
    logs.follow(1)
    assert run(0, 2, 2, 2, model=model) == 4
    run(0, 1, 1, 1)
    logs.follow(1)
    assert run(0, 1, 1, 1, model=model) == 1


def test_runs_go_on_again() -> None:
    """Nobody follows any more after `follow(None)`."""
    run(0, 1, 1, 1)
    logs.follow(1)
    logs.follow(None)
    assert run(7, 7, 7, 7) == 4


def test_nothing_is_kept_alive() -> None:
    """A model's log goes with the model: some checks count the tensors that are alive."""
    run(0, 1, 1, 1)
    assert logs._Latest.model() is not None
    kept.clear()
    assert logs._Latest.model() is None


def test_a_copy_notes_its_calls_with_the_original() -> None:
    """Some students train a deep copy of the U-Net."""
    unet = recipes.unet()
    sample, states = torch.zeros(1, 4, 8, 8), torch.zeros(1, 4, unet.config.cross_attention_dim)
    copy.deepcopy(unet)(sample, 3, encoder_hidden_states=states)
    assert [call["timestep"] for call in logs.calls_of(unet)] == [3]
