"""What alpha-bar at the start of img2img must be, on long schedules and against the reference."""

import torch
from hypothesis import given, settings

from exercises._shared import _results
from exercises.img2img_and_inpainting.checks import _starts as draw
from grader.checks import CheckFailure, assert_close

EXACT = 1e-6


@given(position=draw.positions(longest=1000, steps=60))
def test_equals_reference_on_long_schedules(submission, reference, position):
    """Up to 60 of up to 1000 training timesteps, spaced in any way, give the reference's result."""
    expected = torch.tensor(reference.start_alpha_bar(**position.arguments), dtype=torch.float64)
    found = _results.result(submission.start_alpha_bar(**position.arguments))
    actual = torch.tensor(found, dtype=torch.float64)
    sentence = "Alpha-bar must be that of the first of the sampler's timesteps that run."
    assert_close(actual, expected, sentence, tolerance=EXACT)


@settings(max_examples=8)
@given(position=draw.positions(part="all", steps=20, longest=60))
def test_more_strength_never_leaves_more(submission, position):
    """More strength never leaves more of the picture."""
    n, left = len(position.timesteps), 1.0
    for steps in range(n):
        strength = round((steps + 0.5) / n, 4)
        actual = submission.start_alpha_bar(strength, position.timesteps, position.alphas_cumprod)
        if not actual <= left + EXACT:
            raise CheckFailure(
                f"At strength {strength} alpha-bar is larger than at {max(0.0, round((steps - 0.5) / n, 4))}: "
                "more strength starts at more noise, so less of the picture is left.",
                expected=f"at most {left:.6g}",
                actual=f"{actual:.6g}",
            )
        left = actual
