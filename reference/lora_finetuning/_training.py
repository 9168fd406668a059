"""Training of adapters in the judge, and where it leads from any start."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch

from exercises._shared import _training as shared
from exercises.lora_finetuning.checks._adapters import adapter_of, put_on
from exercises.lora_finetuning.checks._training import FOLLOWING_TOLERANCE, Training
from exercises.lora_finetuning.checks._unets import Twins, own
from grader.checks.assertions import assert_close
from grader.workbench import recipes
from reference._shared import _training

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.sandbox.wire.handles import Handle

REHEARSALS = 2


def training_loss(
    unet: Any, vae: Any, text_encoder: Any, batch: Mapping[str, torch.Tensor], alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the loss of a batch with the captions as the text encoder reads them."""
    with torch.no_grad():
        text_embeddings = text_encoder(batch["input_ids"]).last_hidden_state
    return _training.training_loss(unet, vae, text_embeddings, batch, alphas_cumprod)


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


def run(
    training: Training, batches: Sequence[Mapping[str, torch.Tensor]], alphas_cumprod: torch.Tensor
) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Return the losses of one step a batch, and the adapter afterwards, on objects of the judge's own."""
    twins = Twins()
    losses = trained(
        twins[training.unet],
        twins[training.optimizer],
        own(training.vae),
        own(training.text_encoder),
        batches,
        alphas_cumprod,
    )
    return losses, adapter_of(twins[training.unet].state_dict())


def assert_followed_exactly(
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

    Only the submission knows what A was at the start. But A moves little: the judge trains an adapter that starts at
    the A that the submission ended with, sees how far A goes, and starts again from as far before.
    """
    __tracebackhide__ = True
    vae = sd.vae if vae is None else vae
    alphas_cumprod = shared.alphas_cumprod() if alphas_cumprod is None else alphas_cumprod
    end = {name: value for name, value in adapter.items() if name.endswith(".lora_A")}
    start, reached = dict(end), dict[str, torch.Tensor]()
    for _ in range(REHEARSALS):
        twin = copy.deepcopy(own(unet))
        put_on(twin, {name: start.get(name, torch.zeros_like(value)) for name, value in adapter.items()})
        optimizer = recipes.optimizer(twin, learning_rate)
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
