"""Batches and steps for the training of adapters, and what they must lead to."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from exercises.lora_finetuning.checks._adapters import adapter_of, put_on
from exercises.lora_finetuning.checks._unets import TARGETS, Twins, own, untrained_unet
from grader.checks.assertions import CheckFailure, assert_close, assert_like
from grader.checks.text import describe, describe_type
from grader.sandbox.wire.handles import Handle
from grader.workbench import workshop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.tinyworld.concepts import Example


LOSS_TOLERANCE = 3e-5  # measured: 1e-7 for correct steps, 2e-4 and more for known mistakes
MOVE_TOLERANCE = 5e-3  # of a step; measured: 1e-5 for correct steps, 2e-2 and more for known mistakes
FOLLOWING_TOLERANCE = 0.03  # of a step; measured: 4e-3 for correct loops, 0.4 and more for known mistakes
REHEARSALS = 2


def batch_of(
    sd: StableDiffusion, examples: Sequence[Example], seed: int, length: int = 1000
) -> dict[str, torch.Tensor]:
    """Return a training batch of pictures and captions, its noise and timesteps (below `length`) drawn with `seed`."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.from_numpy(np.stack([np.asarray(example.picture) for example in examples])).permute(0, 3, 1, 2)
    return {
        "pixel_values": (pixels / 127.5 - 1).contiguous(),
        "input_ids": token_ids([example.caption for example in examples]),
        "noise": torch.randn(len(examples), *sd.latent_shape, generator=generator),
        "timesteps": torch.randint(length, (len(examples),), generator=generator),
    }


def token_ids(texts: Sequence[str]) -> torch.Tensor:
    """Return the ids `[len(texts), L]` of texts, padded to the text encoder's length."""
    from grader.diffusion.loading import load

    tokenizer = load().tokenizer
    length = tokenizer.model_max_length
    ids = tokenizer(list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    return torch.as_tensor(ids.input_ids)


def model_alphas_cumprod() -> torch.Tensor:
    """Return the alpha-bars `[1000]` that the tiny model was trained with."""
    from grader.diffusion.loading import make_scheduler

    return torch.as_tensor(make_scheduler("ddim").alphas_cumprod).clone()


def training_loss(
    unet: Any, vae: Any, text_encoder: Any, batch: Mapping[str, torch.Tensor], alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the loss of a batch as diffusers' own scheduler and torch's own mean squared error make it."""
    from grader.diffusion.loading import make_scheduler

    scheduler = make_scheduler("ddim", num_train_timesteps=len(alphas_cumprod))
    scheduler.alphas_cumprod = alphas_cumprod
    with torch.no_grad():
        latents = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text_embeddings = text_encoder(batch["input_ids"]).last_hidden_state
    noisy = scheduler.add_noise(latents, batch["noise"], batch["timesteps"])
    noise_pred = unet(noisy, batch["timesteps"], encoder_hidden_states=text_embeddings).sample
    return torch.nn.functional.mse_loss(noise_pred, batch["noise"])


def trained(
    unet: Any,
    optimizer: Any,
    vae: Any,
    text_encoder: Any,
    batches: Sequence[Mapping[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> list[float]:
    """Take one step of the optimizer for each batch and return the losses."""
    losses = []
    for batch in batches:
        loss = training_loss(unet, vae, text_encoder, batch, alphas_cumprod)
        unet.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return losses


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

    def run(
        self, batches: Sequence[Mapping[str, torch.Tensor]], alphas_cumprod: torch.Tensor
    ) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
        """Return the losses of one step a batch, and the adapter afterwards, on objects of the judge's own."""
        twins = Twins()
        losses = trained(
            twins[self.unet], twins[self.optimizer], own(self.vae), own(self.text_encoder), batches, alphas_cumprod
        )
        return [as_loss(loss) for loss in losses], adapter_of(twins[self.unet].state_dict())


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


def as_loss(actual: float) -> torch.Tensor:
    """Return a loss as a tensor, to be compared."""
    return torch.tensor(actual, dtype=torch.float64)


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


def assert_losses(actual: object, number: int) -> list[float]:
    """Return a list of so many finite floats as it is, or raise `CheckFailure`."""
    __tracebackhide__ = True
    due = f"a list of {number} floats, one for each batch"
    if type(actual) is not list:
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        raise CheckFailure(f"The result is {found}; it must be {due}.", expected=due, actual=describe(actual))
    if len(actual) != number:
        raise CheckFailure(f"The list holds {len(actual)} losses; it must be {due}.", expected=due)
    for index, loss in enumerate(actual):
        if type(loss) is not float:
            raise CheckFailure(f"Loss {index} is of type {describe_type(loss)}; it must be a float.", expected=due)
        if not math.isfinite(loss):
            raise CheckFailure(f"Loss {index} is {loss}.", expected=due)
    return actual


def assert_followed(
    adapter: Mapping[str, torch.Tensor],
    unet: Handle,
    sd: StableDiffusion,
    batches: Sequence[Mapping[str, torch.Tensor]],
    learning_rate: float,
    *,
    vae: Handle | None = None,
    alphas_cumprod: torch.Tensor | None = None,
) -> None:
    """Raise `CheckFailure` unless an adapter's B is where one AdamW takes it from zero, in a step for each batch.

    What A was at the start nobody knows but the submission. But A moves little: the judge trains an adapter that starts
    at the A which the submission ended with, sees how far A goes, and starts once more from as far before.
    """
    __tracebackhide__ = True
    vae = sd.vae if vae is None else vae
    alphas_cumprod = model_alphas_cumprod() if alphas_cumprod is None else alphas_cumprod
    end = {name: value for name, value in adapter.items() if name.endswith(".lora_A")}
    start, reached = dict(end), dict[str, torch.Tensor]()
    for _ in range(REHEARSALS):
        twin = copy.deepcopy(own(unet))
        put_on(twin, {name: start.get(name, torch.zeros_like(value)) for name, value in adapter.items()})
        optimizer = workshop.RECIPES["optimizer"](twin, learning_rate)
        trained(twin, optimizer, own(vae), own(sd.text_encoder), batches, alphas_cumprod)
        reached = {name: value.clone() for name, value in adapter_of(twin.state_dict()).items()}
        start = {name: value + end[name] - reached[name] for name, value in start.items()}
    found, due = (
        torch.cat([side[name].flatten() for name in adapter if name not in end]) / learning_rate
        for side in (adapter, reached)
    )
    sentence = (
        f"After {len(batches)} batches at a learning rate of {learning_rate:g} the numbers of B must be where one "
        "AdamW has taken them, a step for each batch."
    )
    apart = (found - due).abs().mean().double()
    assert_close(apart, torch.zeros((), dtype=torch.float64), sentence, tolerance=FOLLOWING_TOLERANCE)
