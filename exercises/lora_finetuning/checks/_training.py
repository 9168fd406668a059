"""Batches, handles and short runs for the training of adapters, and where they must lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from exercises._shared._adamw import AdamW
from exercises._shared._training import Batch, input_ids, make_batch
from exercises.lora_finetuning.checks._adapters import ALPHA, RANK, adapter_of
from exercises.lora_finetuning.checks._unets import TARGETS, untrained_unet
from grader.checks.assertions import CheckFailure, assert_close, assert_like
from grader.sandbox.wire.handles import Handle
from grader.tinyworld.concepts import style_pictures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.tinyworld.concepts import Example

LOSS_TOLERANCE = 2e-5  # measured: 1e-7 for correct steps, 2e-4 and more for known mistakes
MOVE_TOLERANCE = 5e-3  # of a step; measured: 1e-5 for correct steps, 2e-2 and more for known mistakes
FOLLOWING_TOLERANCE = 0.03  # of a step; measured: up to 4e-3 for correct loops, 0.3 and more for known mistakes


def batch_of(examples: Sequence[Example], seed: int, length: int = 1000) -> Batch:
    """Return a training batch of pictures and captions, its noise and timesteps (below `length`) drawn with `seed`."""
    ids = input_ids([example.caption for example in examples])
    generator = torch.Generator().manual_seed(seed)
    return make_batch([example.picture for example in examples], ids, generator, (0, length))


def pairs(number: int) -> list[Batch]:
    """Return the first batches, of two pictures each, of those that single steps are checked with."""
    examples = style_pictures(2 * number, seed=1)
    return [batch_of(examples[2 * index : 2 * index + 2], seed=index) for index in range(number)]


def ones_and_twos(number: int = 3) -> list[Batch]:
    """Return the first batches, of one, two, one, ... pictures, of those that short runs are checked with."""
    examples = style_pictures(2 * number, seed=4)
    sizes = [1 + index % 2 for index in range(number)]
    return [batch_of(examples[2 * index : 2 * index + size], seed=index) for index, size in enumerate(sizes)]


class Training(NamedTuple):
    """A U-Net that carries an adapter, `bare` without it, the optimizer of the adapter, and the frozen rest."""

    bare: Handle
    unet: Handle
    vae: Handle
    text_encoder: Handle
    optimizer: Handle

    @property
    def handles(self) -> tuple[Handle, Handle, Handle, Handle]:
        """What a training step gets, in this order."""
        return self.unet, self.vae, self.text_encoder, self.optimizer


def training_of(
    sd: StableDiffusion,
    config: str = "small",
    *,
    seed: int = 0,
    rank: int = 3,
    alpha: int = 6,
    b_spread: float = 0.5,
    learning_rate: float = 0.01,
    weight_decay: float = 0.1,
    scaling_factor: float | None = None,
) -> Training:
    """Return the handles of a `Training` on an untrained U-Net of one of the `CONFIGS`; B is zero at no `b_spread`."""
    bare = untrained_unet(config, seed)
    unet = Handle(
        "unet_with_lora",
        {
            "unet": bare, "target_modules": TARGETS, "rank": rank, "alpha": alpha, "seed": seed, "b_spread": b_spread,
        },
    )  # fmt: skip
    changed = {} if scaling_factor is None else {"scaling_factor": scaling_factor}
    vae = Handle(sd.vae.recipe, {**changed, "trainable": []})
    text_encoder = Handle(sd.text_encoder.recipe, {"trainable": []})
    rates = {"learning_rate": learning_rate, "weight_decay": weight_decay}
    return Training(bare, unet, vae, text_encoder, Handle("optimizer", {"module": unet, **rates}))


def assert_moved_like(
    weights: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor], training: Training, sentence: str
) -> None:
    """Raise `CheckFailure` unless the adapter among a U-Net's weights is the expected one.

    What counts is the mean distance in learning rates, which is how far AdamW takes a number in a step: where a
    gradient is nearly zero, rounding may turn the way of a single number around.
    """
    __tracebackhide__ = True
    adapter = adapter_of(weights)
    if adapter.keys() != expected.keys():
        odd = min(adapter.keys() ^ expected.keys())
        raise CheckFailure(
            f"The adapter is not the one that was given: `{odd}` is {'gone' if odd in expected else 'new'}."
        )
    rate = float(training.optimizer.arguments["learning_rate"])
    found, due = (
        torch.cat([assert_like(side[name], value, what=f"`{name}`").flatten() for name, value in expected.items()])
        for side in (adapter, expected)
    )
    assert_close(
        ((found - due).abs() / rate).mean().double(),
        torch.zeros((), dtype=torch.float64),
        sentence,
        tolerance=MOVE_TOLERANCE,
    )


def assert_followed(
    adapter: Mapping[str, torch.Tensor], gradients: Sequence[Mapping[str, torch.Tensor]], learning_rate: float
) -> None:
    """Raise `CheckFailure` unless an adapter's B is where one AdamW takes it from zero, in a step for each batch.

    `gradients` has for every batch the gradient `[out, in]` of the loss in the weight of each module, without an
    adapter. In B it is (alpha / r) G A^T as long as the learning rate is so small that neither A nor the loss's slope
    changes on the way. Only the submission knows A; it is read from its result.
    """
    __tracebackhide__ = True
    found, due = [], []
    for module in gradients[0]:
        reached = torch.nn.Parameter(torch.zeros_like(adapter[f"{module}.lora_B"]))
        optimizer = AdamW(reached, learning_rate=learning_rate, weight_decay=0.01)
        for gradient in gradients:
            reached.grad = ALPHA / RANK * gradient[module] @ adapter[f"{module}.lora_A"].T
            optimizer.step()
        found.append(adapter[f"{module}.lora_B"].flatten() / learning_rate)
        due.append(reached.detach().flatten() / learning_rate)
    sentence = (
        f"After {len(gradients)} batches at a learning rate of {learning_rate:g} the numbers of B must be where one "
        "AdamW has taken them, a step for each batch."
    )
    apart = (torch.cat(found) - torch.cat(due)).abs().mean().double()
    assert_close(apart, torch.zeros((), dtype=torch.float64), sentence, tolerance=FOLLOWING_TOLERANCE)
