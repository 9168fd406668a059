"""Networks that are measured: the table of words in them, and that they are as before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks._embeddings import TABLE, own_weights
from grader.checks.assertions import CheckFailure
from grader.diffusion.digests import digest_of

if TYPE_CHECKING:
    import torch

    from grader.sandbox.wire.handles import Handle


def table_of(text_encoder: Handle) -> torch.Tensor:
    """Return the table that the text encoder of a handle is built with."""
    table: torch.Tensor = text_encoder.arguments["weights"][TABLE]
    return table


def assert_as_before(submission: Any, text_encoder: Handle, unet: Handle) -> None:
    """Raise `CheckFailure` unless all weights are, to the bit, those that the handles' objects are built with.

    Weights of the U-Net are compared by digests: they are too large to be kept for a diagnosis.
    """
    __tracebackhide__ = True
    before = own_weights("text_encoder") | {TABLE: table_of(text_encoder)}
    assert_same_weights(submission.read.state_dict(text_encoder), before, "the text encoder")
    found, expected = submission.read.digests(unet), own_weights("unet")
    for name in sorted(found.keys() ^ expected.keys()):
        how = "gone" if name in expected else "new"
        raise CheckFailure(f"The weights of the U-Net must keep their names: `{name}` is {how}.")
    for name, weight in expected.items():
        if found[name] != digest_of(weight):
            raise CheckFailure(f"The weights of the U-Net must stay as they are, to the bit: `{name}` has changed.")
