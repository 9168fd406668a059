"""What a customization costs, counted once more by the judge."""

import pytest

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings
from grader.checks import CheckFailure, assert_equal, describe
from grader.sandbox.wire.handles import Handle

WAYS = ("textual_inversion", "lora", "full_finetuning")
FLOAT32_BYTES = 4


def asked(submission, sd, rank, vectors, unet=None):
    """Return the student's counts, checked to have the right keys."""
    actual = submission.customization_cost(unet or sd.unet, sd.text_encoder, rank, vectors)
    due = f"a dict with the keys {', '.join(WAYS)}, each with a dict of parameters and bytes"
    if type(actual) is not dict or set(actual) != set(WAYS):
        raise CheckFailure(f"The result must be {due}.", expected=due, actual=describe(actual))
    for way in WAYS:
        if type(actual[way]) is not dict or set(actual[way]) != {"parameters", "bytes"}:
            raise CheckFailure(
                f"Under {way} there must be a dict of parameters and bytes.", actual=describe(actual[way])
            )
        for name, number in actual[way].items():
            if type(number) is not int:
                raise CheckFailure(f"The {name} of {way} must be a plain int.", actual=describe(number))
    return actual


def lora_numbers(rank):
    """Return what an adapter of that rank has, from the shapes of the weights."""
    shapes = [tuple(weight.shape) for name, weight in _embeddings.own_weights("unet").items()
              if ".attn2." in name and name.endswith("weight") and weight.ndim == 2]  # fmt: skip
    return sum(rank * (columns + rows) for rows, columns in shapes)


@pytest.mark.parametrize("vectors", [1, 2, 7])
def test_textual_inversion(submission, sd, vectors):
    """Textual inversion learns one row for each vector of the word."""
    expected = vectors * _embeddings.known_table().shape[1]
    sentence = f"With {vectors} vectors, {vectors} rows of {expected // vectors} numbers learn."
    assert_equal(asked(submission, sd, 4, vectors)["textual_inversion"]["parameters"], expected, sentence)


@pytest.mark.parametrize("rank", [1, 4, 16])
def test_lora(submission, sd, rank):
    """LoRA learns two matrices for every linear layer of the cross-attention."""
    sentence = f"With rank {rank}, {rank} * (in + out) numbers learn in each linear layer of the cross-attention."
    assert_equal(asked(submission, sd, rank, 1)["lora"]["parameters"], lora_numbers(rank), sentence)


def test_full_finetuning(submission, sd):
    """Full fine-tuning learns every parameter of the U-Net, and nothing else."""
    expected = sum(weight.numel() for weight in _embeddings.own_weights("unet").values())
    sentence = "Every parameter of the U-Net counts, and no parameter of the text encoder."
    assert_equal(asked(submission, sd, 4, 1)["full_finetuning"]["parameters"], expected, sentence)


def test_four_bytes_a_number(submission, sd):
    """Every number takes four bytes."""
    counts = asked(submission, sd, 2, 3)
    for way in WAYS:
        sentence = f"A number in float32 takes 4 bytes; {way} has {counts[way]['parameters']} numbers."
        assert_equal(counts[way]["bytes"], FLOAT32_BYTES * counts[way]["parameters"], sentence)


def test_frozen_or_not(submission, sd):
    """Models that are frozen cost the same, and stay as they are."""
    frozen = Handle("unet", {"trainable": []})
    expected = asked(submission, sd, 4, 1)
    sentence = "What a customization costs does not depend on what is trainable in the models at the moment."
    assert_equal(asked(submission, sd, 4, 1, unet=frozen), expected, sentence)
    assert_equal(submission.read.trainable(frozen), [], "What was frozen must stay frozen.", what="What is trainable")
    assert_same_weights(submission.read.state_dict(frozen), _embeddings.own_weights("unet"), "the U-Net")
