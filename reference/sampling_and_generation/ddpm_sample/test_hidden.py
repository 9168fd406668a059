"""What the DDPM loop must do on pictures, over a thousand steps, and twice in a row."""

import torch
from hypothesis import given, settings

from exercises._shared._schedules import alpha_bars
from exercises.sampling_and_generation.checks import _denoisers as exact
from grader.checks import assert_close, assert_like

PICTURES = ((1, 3, 4, 4), (2, 4, 3, 2))


@settings(max_examples=10)
@given(loop=exact.ancestral_loops(data="mixture", longest=40, choices=PICTURES))
def test_equals_reference_on_pictures(submission, reference, loop):
    """Batches of pictures of two kinds of pixels give the reference's result."""
    expected = reference.ddpm_sample(exact.here(loop.model), *loop[1:])
    actual = submission.ddpm_sample(*loop)
    sentence = "The loop must follow the statement, for every picture of the batch."
    assert_close(actual, expected, sentence, tolerance=loop.tolerance, like="x_T")


def test_a_thousand_steps_reach_the_data(submission):
    """A thousand steps end at the data's own mean and spread: 2.0000 and 0.5008 for data of mean 2 and spread 0.5."""
    betas = torch.linspace(1e-4, 0.02, 1000)
    start, *noise = exact.balanced_noise(1001, torch.float32)
    model = exact.gaussian(alpha_bars(betas), mean=2.0, std=0.5)
    actual = assert_like(submission.ddpm_sample(model, start, betas, torch.stack(noise)), start, like="x_T")
    found = torch.stack([actual.mean(), actual.std(correction=0)])
    sentence = (
        "With 1000 betas from 0.0001 to 0.02 and the perfect model for data of mean 2 and spread 0.5 the results must "
        "have mean 2.0000 and spread 0.5008."
    )
    assert_close(found, torch.tensor([1.999980, 0.500752]), sentence, tolerance=3e-3)


@settings(max_examples=8)
@given(loop=exact.ancestral_loops(shortest=2))
def test_same_inputs_same_result(submission, loop):
    """The same inputs give the same result: all randomness is in x_T and step_noise."""
    first = assert_like(submission.ddpm_sample(*loop), loop.x_T, like="x_T")
    second = submission.ddpm_sample(*loop)
    assert_close(second, first, "Called twice with the same inputs, the result must be the same.", like="x_T")
