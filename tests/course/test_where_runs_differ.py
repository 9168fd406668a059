"""A failed check of a whole run says where the run first went wrong, and nothing that is not so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from exercises._shared._runs import Asked, questions, saying_where, where_it_differs
from grader.checks import CheckFailure, assert_close
from grader.checks import strategies as draw

if TYPE_CHECKING:
    from grader.diffusion.stable_diffusion import StableDiffusion

Z_0, NOISE, SECOND, THIRD = draw.random_tensors(4, (1, 4, 4, 4), torch.float32, seed=0)
START = {"z_0": Z_0, "noise": NOISE}
RIGHT = [Asked(499.0, 0.6 * Z_0 + 0.8 * NOISE), Asked(332.0, SECOND), Asked(166.0, THIRD)]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([Asked(832.0, Z_0), *RIGHT], "Question 1 to the model is for timestep 832; it must be for timestep 499."),
        (RIGHT[:2], "The model is never asked question 3, for timestep 166."),
        ([*RIGHT, Asked(0.0, THIRD)], "After the last question the model is asked again, for timestep 0."),
        (
            [Asked(499.0, Z_0 + 0.65 * NOISE), *RIGHT[1:]],
            "It is wrong from the start: the first sample that the model sees, at timestep 499, is 1 times z_0 + 0.65 "
            "times noise; it must be 0.6 times z_0 + 0.8 times noise.",
        ),
        (
            [Asked(499.0, 2.5 * RIGHT[0].sample), *RIGHT[1:]],
            "It is wrong from the start: the first sample that the model sees, at timestep 499, is 2.5 times the right "
            "one.",
        ),
        (
            [Asked(499.0, THIRD), *RIGHT[1:]],
            "It is wrong from the start: the first sample that the model sees, at timestep 499, is not the right one.",
        ),
        (
            [RIGHT[0], Asked(332.0, THIRD), RIGHT[2]],
            "At timestep 499 the model still sees the right sample; the next one, at timestep 332, is wrong. It goes "
            "wrong in the step between the two.",
        ),
        (
            [RIGHT[0], Asked(332.0, torch.full_like(SECOND, float("nan"))), RIGHT[2]],
            "At timestep 499 the model still sees the right sample; the next one, at timestep 332, is wrong. It goes "
            "wrong in the step between the two.",
        ),
        (RIGHT, "The model sees the right sample at every timestep: the difference comes after its last prediction."),
    ],
)
def test_the_first_difference_is_named(found: list[Asked], sentence: str) -> None:
    assert where_it_differs(found, RIGHT, START, 1e-3) == sentence


def test_the_start_of_a_second_stage_is_not_a_step() -> None:
    stages = [RIGHT[2], Asked(999.0, NOISE)]
    said = where_it_differs([stages[0], Asked(999.0, SECOND)], stages, START, 1e-3)
    assert said.endswith("at timestep 999, is wrong. There the second stage starts.")


def test_two_halves_are_one_question() -> None:
    both = torch.cat([SECOND, SECOND])
    together, apart = questions([(332.0, both)], 1), questions([(332.0, SECOND), (332.0, SECOND)], 1)
    assert [each.timestep for each in together] == [each.timestep for each in apart] == [332.0]
    assert torch.equal(together[0].sample, apart[0].sample)


@pytest.mark.parametrize(
    "call",
    [{}, {"sample": None}, {"sample": torch.ones((), dtype=torch.complex64)}, {"sample": torch.tensor(1.0)}],
)
def test_a_log_that_was_tampered_with_breaks_nothing(call: dict[str, Any]) -> None:
    calls, right = [{"timestep": 499, **call}], [(each.timestep, each.sample) for each in RIGHT]
    with pytest.raises(CheckFailure) as failure, saying_where(lambda: calls, lambda: right, START, 1e-3):
        assert_close(Z_0, NOISE, "Both must be equal.")
    assert failure.value.sentence == "Both must be equal. The model is never asked question 1, for timestep 499."


def test_a_wrong_type_needs_no_place() -> None:
    with pytest.raises(CheckFailure) as failure, saying_where(list, list, START, 1e-3):
        assert_close(None, NOISE, "Both must be equal.")
    assert "question" not in failure.value.sentence


def test_an_oracles_questions_are_those_of_its_run(sd: StableDiffusion) -> None:
    run = {"z_0": sd.latents(0), "noise": sd.noise(1), "strength": 0.65, "num_inference_steps": 6}
    run |= sd.prompt("a red circle on white")
    asked = sd.asked("img2img", **run)
    assert [timestep for timestep, _ in asked] == sd.timesteps(6)[-3:]
    assert {tuple(sample.shape) for _, sample in asked} == {(2, *sd.latent_shape)}
    assert len(sd.asked("img2img", **run)) == 3  # the hook of the first time is gone
