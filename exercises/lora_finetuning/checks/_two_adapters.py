"""Two adapters and a U-Net that is asked with them: two that were trained, and small ones that are drawn."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from exercises._shared import _results
from exercises._shared._lora import Adapter, read_adapter
from exercises.lora_finetuning.checks._unets import CONFIGS, TARGETS, own, untrained_unet
from grader.checks.assertions import assert_like
from grader.checks.recorded import read_recorded

if TYPE_CHECKING:
    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.sandbox.wire.handles import Handle

PREDICTIONS = ("neither", "first", "second", "both")
PROMPTS = ("a red circle", "a big blue star on the left")
TIMESTEPS, SEED = (700, 200), 5
OF_ONE_WIDTH = [name for name, config in CONFIGS.items() if isinstance(config["cross_attention_dim"], int)]


class Task(NamedTuple):
    """The arguments of the experiment."""

    unet: Handle
    first: Adapter
    second: Adapter
    latents: torch.Tensor
    timestep: int
    text_embeddings: torch.Tensor


class Found(NamedTuple):
    """The results of the experiment: four predictions `[B, C, h, w]`, and a number for each picture."""

    neither: torch.Tensor
    first: torch.Tensor
    second: torch.Tensor
    both: torch.Tensor
    interference: list[float]


def results_of(submission: Any, task: Task) -> Found:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.lora_interference(*task), (*PREDICTIONS, "interference"))
    neither, first, second, both = (
        assert_like(found[name], task.latents, what=f"result['{name}']") for name in PREDICTIONS
    )
    interference = _results.numbers(found["interference"], len(task.latents), "result['interference']")
    return Found(neither, first, second, both, interference)


# --- two that were trained, by `python -m reference.lora_finetuning._two_trained` ---


@functools.cache
def recorded() -> dict[str, torch.Tensor]:
    """Return both trained adapters and, as "predicted/TIMESTEP/NAME", what the U-Net predicts with them."""
    return read_recorded(__file__)


def question(sd: StableDiffusion, timestep: int) -> tuple[torch.Tensor, int, torch.Tensor]:
    """Return the latents, the timestep and the text embeddings that the trained adapters are asked about."""
    return sd.noise(SEED, batch=len(PROMPTS)), timestep, sd.embed(list(PROMPTS))


def trained_task(sd: StableDiffusion, timestep: int = TIMESTEPS[0]) -> Task:
    """Return the experiment on the tiny model with the adapter that has seen pink, and the one that has seen night."""
    pink, night = (read_adapter(recorded(), name) for name in ("pink", "night"))
    return Task(sd.unet, pink, night, *question(sd, timestep))


def predicted(timestep: int, name: str) -> torch.Tensor:
    """Return what the U-Net of `trained_task` predicts, recorded."""
    return recorded()[f"predicted/{timestep}/{name}"]


# --- small ones ---


def layers_of(unet: Handle) -> list[str]:
    """Return the names of the linear layers of a U-Net's cross-attention."""
    return [name for name, _ in own(unet).named_modules() if any(name.endswith(f".{target}") for target in TARGETS)]


def drawn_adapter(unet: Handle, layers: list[str], seed: int, *, rank: int = 2, alpha: float = 3.0) -> Adapter:
    """Draw an adapter for layers of a U-Net, as large as the weights that it changes.

    Ranks are `rank` and one more in turn, and alphas `alpha` and one more in turns of their own.
    """
    generator = torch.Generator().manual_seed(seed)
    made: Adapter = {}
    for index, layer in enumerate(layers):
        weight = own(unet).get_submodule(layer).weight
        r, its_alpha = rank + index % 2, alpha + index // 2 % 2
        a = torch.randn(r, weight.shape[1], generator=generator)
        b = torch.randn(len(weight), r, generator=generator)
        made[layer] = a, b * float(weight.detach().std()) * r**0.5 / its_alpha, its_alpha
    return made


def small_task(config: str = "small", *, seed: int = 0, batch: int = 2) -> Task:
    """Return an experiment on a U-Net `OF_ONE_WIDTH`, untrained, with two drawn adapters that share most layers."""
    unet = untrained_unet(config)
    layers = layers_of(unet)
    first = drawn_adapter(unet, layers[:-2], seed)
    second = drawn_adapter(unet, layers[2:], seed + 1, rank=3, alpha=1.5)
    generator = torch.Generator().manual_seed(seed)
    config_of = own(unet).config
    latents = torch.randn(batch, config_of.in_channels, 8, 16, generator=generator)
    text_embeddings = torch.randn(batch, 5, config_of.cross_attention_dim, generator=generator)
    return Task(unet, first, second, latents, 300, text_embeddings)


def by_ranks(whole: Adapter) -> tuple[Adapter, Adapter]:
    """Return two adapters that add up to one: its first rank, and the others, each at its own factor alpha / r."""
    parts: tuple[Adapter, Adapter] = {}, {}
    for layer, (a, b, alpha) in whole.items():
        parts[0][layer] = a[:1], b[:, :1], alpha / len(a)
        parts[1][layer] = a[1:], b[:, 1:], alpha * (len(a) - 1) / len(a)
    return parts


def by_layers(whole: Adapter) -> tuple[Adapter, Adapter]:
    """Return two adapters that add up to one: every other layer of it, and the rest."""
    names = list(whole)
    return {name: whole[name] for name in names[::2]}, {name: whole[name] for name in names[1::2]}
