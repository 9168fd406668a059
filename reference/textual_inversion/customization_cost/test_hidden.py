"""What a customization costs, with longer tables and other ranks, against the reference."""

import pytest

from exercises.textual_inversion.checks import _embeddings as own
from grader.checks import assert_equal
from grader.diffusion import loading


@pytest.mark.parametrize(("rank", "vectors"), [(3, 5), (64, 1), (1, 100)])
def test_equals_reference(submission, reference, sd, rank, vectors):
    """Other ranks and numbers of vectors, and a table that has grown, give the reference's counts."""
    table = own.grown_table(11)
    models = loading.load().unet, own.own_text_encoder(table)
    expected = reference.customization_cost(*models, rank, vectors)
    actual = submission.customization_cost(sd.unet, own.text_encoder(table), rank, vectors)
    assert_equal(actual, expected, f"With rank {rank} and {vectors} vectors the counts must be the reference's.")
