"""What a customization costs, with longer tables and other ranks, against the reference."""

import pytest

from exercises.lora_finetuning.checks import _unets
from exercises.textual_inversion.checks import _embeddings as own
from grader.checks import assert_equal
from grader.diffusion import loading


def test_counts_every_layer_of_any_unet(submission, reference, sd):
    """Other U-Nets count by their own shapes, and rows by the table's, which need not be as wide as their text."""
    for unet, name in ((_unets.untrained_unet(name), name) for name in _unets.CONFIGS):
        expected = reference.customization_cost(_unets.own(unet), loading.load().text_encoder, 3, 2)
        actual = submission.customization_cost(unet, sd.text_encoder, 3, 2)
        assert_equal(actual, expected, f"On a U-Net {name} the counts must be the reference's.")


@pytest.mark.parametrize(("rank", "vectors"), [(3, 5), (64, 1), (1, 100)])
def test_equals_reference(submission, reference, sd, rank, vectors):
    """Other ranks and numbers of vectors, and a table that has grown, give the reference's counts."""
    table = own.grown_table(11)
    models = loading.load().unet, own.own_text_encoder(table)
    expected = reference.customization_cost(*models, rank, vectors)
    actual = submission.customization_cost(sd.unet, own.text_encoder(table), rank, vectors)
    assert_equal(actual, expected, f"With rank {rank} and {vectors} vectors the counts must be the reference's.")
