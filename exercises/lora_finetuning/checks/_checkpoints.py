"""Checkpoints of an adapter, trained or drawn, and the pictures that they are measured on."""

from __future__ import annotations

import functools
import random
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from exercises._shared import _results
from exercises._shared._batches import in_batches
from exercises._shared._lora import Adapter, read_adapter
from exercises._shared._training import Batch, alphas_cumprod
from exercises.lora_finetuning.checks._two_adapters import drawn_adapter, layers_of
from exercises.lora_finetuning.checks._unets import own, untrained_unet
from grader.checks.assertions import CheckFailure
from grader.checks.recorded import group, read_recorded
from grader.checks.text import describe
from grader.tinyworld import drawing
from grader.tinyworld.concepts import PINK, Example

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.sandbox.wire.handles import Handle

LISTS = ("trained_on", "held_out", "others")
MEASURED = ("trained_on", "held_out", "drift")
NAMES = (*MEASURED, "keep")
STEPS = (10, 20, 40, 80, 160, 320)  # of training, where a checkpoint was saved
CORE: drawing.Colour = (20, 90, 60)
GEM = "gem"  # a word that no caption has: the tokenizer spells it
PICTURES = 3  # of the training
TRAINING, HELD_OUT, KNOWN = "of the training", "held out", "known"  # what the pictures of each kind are drawn from
SEEDS_OF_KEEP = (1, 3, 4)  # of small tasks in which the lowest numbers of the three lists are apart
TOLERANCE = 1e-4  # of a number itself


class Task(NamedTuple):
    """The arguments of the experiment."""

    unet: Handle
    checkpoints: list[Adapter]
    trained_on: list[Batch]
    held_out: list[Batch]
    others: list[Batch]
    alphas_cumprod: torch.Tensor


class Found(NamedTuple):
    """The results of the experiment: three numbers for each checkpoint, and the place of the one to keep."""

    trained_on: list[float]
    held_out: list[float]
    drift: list[float]
    keep: int


def results_of(submission: Any, task: Task) -> Found:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.lora_checkpoints(*task), NAMES)
    count = len(task.checkpoints)
    trained_on, held_out, drift = (_results.numbers(found[name], count, f"result['{name}']") for name in MEASURED)
    keep = _results.number(found["keep"], "result['keep']")
    if keep not in range(count):
        due = f"an int from 0 to {count - 1}, the place of a checkpoint"
        raise CheckFailure(
            f"result['keep'] is {describe(found['keep'])}; it must be {due}.", expected=due, actual=describe(keep)
        )
    return Found(trained_on, held_out, drift, int(keep))


def assert_each(
    actual: Sequence[float], expected: Sequence[float], sentence: str, tolerance: float = TOLERANCE
) -> None:
    """Raise `CheckFailure` unless numbers are those expected, each within a tolerance of its own size."""
    __tracebackhide__ = True
    shares = [found / due for found, due in zip(actual, expected, strict=True)]
    _results.assert_numbers(shares, [1.0] * len(shares), sentence, tolerance=tolerance)


def first_of_the_least(numbers: Sequence[float]) -> int:
    """Return the place of the least number, of several the first."""
    return min(range(len(numbers)), key=numbers.__getitem__)


# --- one that was trained, by `python -m reference.lora_finetuning._gem_trained` ---


def gems(number: int, seed: str) -> list[Example]:
    """Return pictures of one thing that the model never saw, a pink diamond with a dark core, told as "a small gem".

    Backgrounds take turns, and are named, as are size and place or none.
    """
    rng = random.Random(f"gems {seed}")
    backgrounds = rng.sample(list(drawing.BACKGROUNDS), len(drawing.BACKGROUNDS))
    return [_gem(backgrounds[turn % len(backgrounds)], rng) for turn in range(number)]


def _gem(background: str, rng: random.Random) -> Example:
    size, place = rng.choice(list(drawing.SIZES)), rng.choice([None, *drawing.PLACES])
    drawn, told = (
        drawing.Description((drawing.Words(shape, None, size, place),), background)
        for shape in (drawing.UNNAMED_SHAPE, GEM)
    )
    scene = drawing.scene_of(drawn, rng)
    (thing,) = scene.things
    stone = drawing.Thing("diamond", PINK, thing.x, thing.y, thing.radius)
    core = drawing.Thing("circle", CORE, thing.x, thing.y, thing.radius / 2)
    return Example(drawing.draw(drawing.Scene((stone, core), scene.top, scene.bottom)), str(told))


def known_things(number: int, seed: str) -> list[Example]:
    """Return pictures of things that the model knows, on backgrounds that it knows; no caption names a gem."""
    rng = random.Random(f"known things {seed}")
    pairs = [(c, s) for c in drawing.COLOURS for s in drawing.SHAPES if (c, s) not in drawing.HELD_OUT]
    described = [
        drawing.Description((drawing.Words(shape, colour),), rng.choice(list(drawing.BACKGROUNDS)))
        for colour, shape in rng.sample(pairs, number)
    ]
    return [Example(drawing.draw(drawing.scene_of(each, rng)), str(each)) for each in described]


def measuring(sd: StableDiffusion, examples: Sequence[Example], sizes: Sequence[int], seed: int) -> list[Batch]:
    """Return pictures in batches of these sizes, encoded, each with a noise and a timestep of its own.

    The pictures come again as often as the sizes need. The timesteps are spread evenly, in an order that is drawn.
    """
    number, generator = sum(sizes), torch.Generator().manual_seed(seed)
    shown = [examples[place % len(examples)] for place in range(number)]
    share = 1000 // number
    timesteps = torch.arange(number) * share + torch.randint(share, (number,), generator=generator)
    latents = torch.cat([sd.encode(example.picture) for example in shown])
    whole = {
        "latents": latents,
        "noise": torch.randn(latents.shape, generator=generator),
        "timesteps": timesteps[torch.randperm(number, generator=generator)],
        "text_embeddings": sd.embed([example.caption for example in shown]),
    }
    return in_batches(whole, sizes)


@functools.cache
def recorded() -> dict[str, torch.Tensor]:
    """Return the trained checkpoints, as "STEPS/<module>.lora_A", and what was measured with them."""
    return read_recorded(__file__)


def trained_task(sd: StableDiffusion) -> Task:
    """Return the experiment on the tiny model, with six checkpoints of a training on three pictures of a gem."""

    def compute() -> Task:
        return Task(
            sd.unet,
            [read_adapter(recorded(), str(steps)) for steps in STEPS],
            measuring(sd, gems(PICTURES, TRAINING), (5, 4), seed=1),
            measuring(sd, gems(12, HELD_OUT), (5, 7), seed=2),
            measuring(sd, known_things(8, KNOWN), (3, 5), seed=3),
            alphas_cumprod(),
        )

    return sd.once("an experiment with checkpoints", compute)


def measured(of: str) -> Found:
    """Return what was recorded of `trained_task` ("gem"), or of `small_task()` ("small")."""
    numbers = group(recorded(), f"measured/{of}")
    held_out = numbers["held_out"].tolist()
    return Found(numbers["trained_on"].tolist(), held_out, numbers["drift"].tolist(), first_of_the_least(held_out))


# --- small ones ---


def small_task(config: str = "small", *, seed: int = 0, count: int = 4) -> Task:
    """Return an experiment on a U-Net `OF_ONE_WIDTH`, untrained, with drawn adapters for checkpoints.

    They share most layers, and differ in ranks, alphas and sizes.
    """
    unet = untrained_unet(config)
    layers = layers_of(unet)
    checkpoints = [
        louder(drawn_adapter(unet, layers[index:], 10 * seed + index, rank=1 + index, alpha=1.5 + index), 6 + 2 * index)
        for index in range(count)
    ]
    generator = torch.Generator().manual_seed(seed)
    alphas = torch.linspace(0.98, 0.05, 60 + seed) ** 2
    trained_on, held_out, others = (
        drawn_batches(unet, sizes, len(alphas), generator) for sizes in ((4, 2), (1, 5), (3, 1, 2))
    )
    return Task(unet, checkpoints, trained_on, held_out, others, alphas)


def louder(quiet: Adapter, times: float) -> Adapter:
    """Return an adapter whose change of the weights is `times` as large."""
    return {layer: (a, times * b, alpha) for layer, (a, b, alpha) in quiet.items()}


def drawn_batches(unet: Handle, sizes: Sequence[int], length: int, generator: torch.Generator) -> list[Batch]:
    """Draw batches of these sizes, with timesteps below `length`; no two pictures of them are alike."""
    config, number = own(unet).config, sum(sizes)
    shape = (number, config.in_channels, 8, 16)
    whole = {
        "latents": torch.randn(shape, generator=generator) * torch.linspace(0.3, 3, number).view(-1, 1, 1, 1),
        "noise": torch.randn(shape, generator=generator),
        "timesteps": torch.randperm(length, generator=generator)[:number],
        "text_embeddings": torch.randn(number, 5, config.cross_attention_dim, generator=generator),
    }
    return in_batches(whole, sizes)
