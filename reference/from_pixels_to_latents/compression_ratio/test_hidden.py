"""What the two ratios must be for pictures of real sizes, and how they hang together."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from exercises._shared import _results
from grader.checks import assert_close

CHANNELS = st.sampled_from((1, 3, 4, 8, 16))
BLOCKS = st.integers(1, 40)


@given(channels=st.tuples(CHANNELS, CHANNELS), height=BLOCKS, width=BLOCKS, factor=st.sampled_from((1, 4, 8, 16)))
def test_equals_reference_on_real_sizes(submission, reference, channels, height, width, factor):
    """Pictures of up to 640 pixels a side, wide or tall, give the reference's ratios for every factor."""
    shapes = (channels[0], height * factor, width * factor), (channels[1], height, width)
    ratios = [
        torch.tensor([which.compression_ratio(*shapes), which.spatial_cost_ratio(*shapes)]).double()
        for which in (submission, reference)
    ]
    sentence = f"For {shapes[0]} and {shapes[1]} the compression ratio and the cost ratio must be these two."
    assert_close(ratios[0], ratios[1], sentence)


@given(
    image_shape=st.tuples(CHANNELS, BLOCKS, BLOCKS),
    between=st.tuples(CHANNELS, BLOCKS, BLOCKS),
    latent_shape=st.tuples(CHANNELS, BLOCKS, BLOCKS),
)
def test_two_compressions_multiply(submission, image_shape, between, latent_shape):
    """Compressing twice multiplies the ratios."""
    for name in ("compression_ratio", "spatial_cost_ratio"):
        ratio = getattr(submission, name)
        both = (image_shape, between), (between, latent_shape), (image_shape, latent_shape)
        first, second, whole = (_results.result(ratio(*shapes)) for shapes in both)
        sentence = (
            f"{name} from {image_shape} to {between} and from there to {latent_shape} must multiply to the ratio "
            "of the first to the last."
        )
        parts, due = (torch.tensor(value, dtype=torch.float64) for value in (first * second, whole))
        assert_close(parts, due, sentence)
