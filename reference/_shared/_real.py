"""What checks of training on a real model share: batches, objects of the judge's own, and weights that must stay.

A real model's weights are gigabytes and cannot be sent: text encoders and tables are built beside the submission, and
compared by digests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from exercises._shared import _training
from exercises.lora_finetuning.checks._unets import Twins
from grader.checks.assertions import CheckFailure, assert_close, assert_equal
from grader.checks.text import describe
from grader.diffusion.digests import digest_of, digests_of_rows
from grader.diffusion.loading import load
from grader.sandbox.wire.handles import Handle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion

TABLE = "embeddings.token_embedding.weight"
TIMESTEPS = (200, 800)  # where a loss tells most mistakes
VAE = Handle("vae", {"trainable": []})
UNET = Handle("unet", {"trainable": [], "checkpointing": True})
# AdamW whose first step is along the gradient itself: its sign alone would turn around where rounding decides.
ALONG_THE_GRADIENT = {"learning_rate": 100.0, "epsilon": 1.0}


def learner(tokens: int, trainable: Sequence[str] = (TABLE,)) -> Handle:
    """Return the handle of a text encoder to train whose table has rows for that many added tokens."""
    return Handle("text_encoder_to_train", {"tokens": tokens, "seed": 3, "trainable": list(trainable)})


def table_of(encoder: Handle) -> Handle:
    """Return the handle of a copy of a text encoder's table."""
    return Handle("table", {"text_encoder": encoder})


def optimizer(module: Handle, weight_decay: float = 0.0) -> Handle:
    """Return the handle of an AdamW that steps along the gradient."""
    return Handle("optimizer", {"module": module, "weight_decay": weight_decay, **ALONG_THE_GRADIENT})


def first_id() -> int:
    """Return the id of the first token that is added: 49,408 for CLIP."""
    return len(load().tokenizer)


def batch(sd: StableDiffusion, ids: torch.Tensor, seed: int = 0) -> _training.Batch:
    """Return a training batch with a drawn picture of the model's size for each caption in `ids` `[B, L]`."""
    pictures = [sd.picture(seed=seed + number) for number in range(len(ids))]
    return _training.make_batch(pictures, ids, torch.Generator().manual_seed(seed), TIMESTEPS)


def own(sd: StableDiffusion, key: str, compute: Callable[[Twins], Any]) -> Any:
    """Return what the judge computes on objects of its own, once for all submissions."""
    return sd.once(key, lambda: compute(Twins()))


def assert_loss(sd: StableDiffusion, actual: float, expected: float, sentence: str) -> None:
    """Raise `CheckFailure` unless a loss is the right one, within the tolerance of this device and dtype."""
    __tracebackhide__ = True
    _training.assert_loss(float(actual), float(expected), sentence, sd.tolerance({}, "loss"))


def assert_along(
    sd: StableDiffusion, actual: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor], sentence: str
) -> None:
    """Raise `CheckFailure` unless each of some gradients, or of some moves along them, is the right one.

    Each is divided by the largest number of the right one.
    """
    __tracebackhide__ = True
    for name, due in expected.items():
        found, scale = actual.get(name), float(due.abs().max())
        if found is None:
            raise CheckFailure(f"{sentence} `{name}` has none.")
        both = found.double() / scale, due.double() / scale
        assert_close(*both, f"{sentence} Compared here is `{name}`.", tolerance=sd.tolerance({}, "gradients"))


def assert_untouched(submission: Any, module: Handle, expected: Mapping[str, int], owner: str) -> None:
    """Raise `CheckFailure` unless a module's parameters are those of these digests; those of adapters do not count."""
    __tracebackhide__ = True
    found = {
        name.replace(".base_layer.", "."): digest
        for name, digest in submission.read.digests(module).items()
        if ".lora_" not in name
    }
    for name in sorted(found.keys() ^ expected.keys()):
        how = "gone" if name in expected else "new"
        raise CheckFailure(f"The weights of {owner} must keep their names: {describe(name)} is {how}.")
    for name, digest in expected.items():
        if found[name] != digest:
            raise CheckFailure(f"The weights of {owner} must stay as they are, to the bit: `{name}` has changed.")


def digests_of(module: Any) -> dict[str, int]:
    """Return the digests of a module of the judge's own, but for an embedding table, which is compared by rows."""
    return {name: digest_of(parameter) for name, parameter in module.named_parameters() if name != TABLE}


def assert_only_rows_moved(found: object, before: torch.Tensor, ids: Sequence[int], when: str) -> None:
    """Raise `CheckFailure` unless of a table's rows just those with these ids have another digest than `before`."""
    __tracebackhide__ = True
    if not isinstance(found, torch.Tensor) or found.shape != before.shape:
        raise CheckFailure(f"{when} the table must have {len(before):,} rows.", actual=describe(found))
    moved = (found != before).nonzero().flatten().tolist()
    sentence = (
        f"{when} of {len(before):,} rows only those with the ids {list(ids)} may have moved, and these must have."
    )
    strayed = [row for row in moved if row not in ids]
    if strayed:
        raise CheckFailure(
            sentence, expected="0 other rows that have moved", actual=f"{len(strayed):,} of them, {strayed[0]} is one"
        )
    assert_equal(moved, sorted(ids), sentence, what="What has moved")


def rows_of(twins: Twins, encoder: Handle) -> torch.Tensor:
    """Return the digests of the rows of the judge's own text encoder."""
    return digests_of_rows(twins[encoder].get_parameter(TABLE))
