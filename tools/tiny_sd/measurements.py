"""Measures sizes, speed, the autoencoder, text to image and image to image of a Stable Diffusion."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from grader.tinyworld import drawing
from grader.tinyworld.drawing import HELD_OUT, Description
from grader.tinyworld.recognition import look
from tools.pictures import picture_table
from tools.tiny_sd.painter import STEPS, Painter
from tools.tiny_sd.prompts import one_or_two, random_pair, random_single, something_else
from tools.tiny_sd.scores import Row, distance, ladder_row, psnr, share_right

FEW_STEPS = 10
STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
GUIDANCES = (1.5, 5.0)  # besides the usual one
LONGEST_TIMING = 5.0  # seconds: on a busy machine two threads can be very slow


@dataclass(frozen=True)
class Numbers:
    """How many pictures each part of the evaluation takes."""

    captions: int = 200
    pairs: int = 60
    held_out: int = 48
    guidance: int = 80
    sources: int = 36
    inpainted: int = 40
    reconstructed: int = 200
    sheet: int = 24

    def tenth(self) -> "Numbers":
        """Return a tenth of each, but enough to see each kind."""
        return Numbers(**{name: max(4, number // 10) for name, number in vars(self).items()})


def measure_sizes(painter: Painter, folder: Path) -> dict[str, Row]:
    """Count parameters, and megabytes on disk, of each part and of all."""
    rows = {}
    for name in ("unet", "vae", "text_encoder"):
        numbers = sum(parameter.numel() for parameter in getattr(painter.components, name).parameters())
        rows[name] = {"parameters": numbers, "MB": _megabytes(folder / name)}
    rows["all"] = {"parameters": sum(row["parameters"] for row in rows.values()), "MB": _megabytes(folder)}
    return rows


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def measure_speed(painter: Painter) -> dict[str, Row]:
    """Measure milliseconds of a U-Net pass and of decoding, and seconds of a whole picture, for one thread and two."""
    before = torch.get_num_threads()
    rows = {}
    text, noise = painter.encode_text(["a red circle"] * 2), painter.noise(2, "speed")
    timestep = torch.tensor(500)

    @torch.no_grad()
    def unet(batch: int) -> None:
        painter.components.unet(noise[:batch], timestep, encoder_hidden_states=text[:batch])

    for threads in (1, 2):
        torch.set_num_threads(threads)
        rows[f"{threads} thread{'s' * (threads > 1)}"] = {
            "U-Net, batch 1, ms": 1000 * _median_seconds(lambda: unet(1), 20),
            "U-Net, batch 2, ms": 1000 * _median_seconds(lambda: unet(2), 20),
            "decoding, ms": 1000 * _median_seconds(lambda: painter.decode(noise[:1]), 10),
            f"picture of {STEPS} steps, s": _median_seconds(lambda: painter.paint(["a red circle"], noise[:1]), 3),
        }
    torch.set_num_threads(before)
    return rows


def _median_seconds(action: Callable[[], Any], times: int) -> float:
    action()  # the first time is slower
    seconds: list[float] = []
    while len(seconds) < times and sum(seconds) < LONGEST_TIMING:
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


def measure_autoencoder(painter: Painter, number: int, seed: int) -> Row:
    """Measure the round trip, on scenes like those of captions and on free ones, and the latents' moments.

    `right` is the share of scenes in which after the round trip all is still right: no picture can do better.
    """
    rng = random.Random(f"autoencoder {seed}")
    descriptions = [one_or_two(rng) for _ in range(number)]
    scenes = [drawing.draw(drawing.scene_of(description, rng)) for description in descriptions]
    free = [drawing.draw(drawing.free_scene(rng)) for _ in range(max(4, number // 2))]
    latents = painter.encode(scenes)
    again = painter.decode(latents)
    return {
        "PSNR": psnr(scenes, again),
        "PSNR of free scenes": psnr(free, painter.decode(painter.encode(free))),
        "right": share_right(descriptions, again)["all"],
        "latent mean": float(latents.mean()),
        "latent spread": float(latents.std()),
        "latent largest": float(latents.abs().max()),
        **{f"spread of channel {channel}": float(latents[:, channel].std()) for channel in range(latents.shape[1])},
    }


def measure_captions(painter: Painter, numbers: Numbers, seed: int) -> dict[str, Row]:
    """Measure the shares right for one thing, two things, held-out pairs, few steps, and other guidance."""
    rng = random.Random(f"captions {seed}")
    single = [random_single(rng) for _ in range(numbers.captions)]
    pairs = [random_pair(rng) for _ in range(numbers.pairs)]
    unseen = sorted(HELD_OUT)
    held_out = [random_single(rng, unseen[index % len(unseen)]) for index in range(numbers.held_out)]
    some = single[: numbers.guidance]

    def share(name: str, descriptions: list[Description], **options: Any) -> Row:
        noise = painter.noise(len(descriptions), f"{name} {seed}")
        return share_right(descriptions, painter.paint(list(map(str, descriptions)), noise, **options))

    rows = {
        "one thing": share("one", single),
        "two things": share("two", pairs),
        "held-out pairs": share("held-out", held_out),
        f"{FEW_STEPS} steps": share("one", single, steps=FEW_STEPS),
    }
    return rows | {f"guidance {scale}": share("one", some, guidance=scale) for scale in GUIDANCES}


def measure_ladder(painter: Painter, number: int, seed: int) -> tuple[dict[str, Row], Image.Image]:
    """Measure image to image from drawn sources towards a prompt for something else, at each of `STRENGTHS`.

    `distance` is the root mean squared distance of the latents from the source's; `other source` is that from the
    result for another source with the same noise and prompt, which is 0 where the source no longer matters.
    """
    rng = random.Random(f"ladder {seed}")
    descriptions = [random_single(rng) for _ in range(number)]
    descriptions = [
        replace(description, things=(replace(description.things[0], size=None),)) for description in descriptions
    ]
    prompts = [something_else(description, rng) for description in descriptions]
    sources = [drawing.draw(drawing.scene_of(description, rng)) for description in descriptions]
    start, noise = painter.encode(sources), painter.noise(number, f"ladder {seed}")
    captions = list(map(str, prompts))
    rows, columns = {}, [sources]
    for strength in STRENGTHS:
        latents = painter.sample(captions, noise, start=start, strength=strength)
        others = painter.sample(captions[:8], noise[:8], start=start.roll(1, 0)[:8], strength=strength)
        results = painter.decode(latents)
        columns.append(results)
        rows[str(strength)] = ladder_row(descriptions, prompts, list(map(look, results))) | {
            "distance": distance(latents, start),
            "other source": distance(latents[:8], others),
        }
    heads = ["source", *(f"strength {strength}" for strength in STRENGTHS)]
    shown = min(8, number)
    table = [[column[index] for column in columns] for index in range(shown)]
    return rows, picture_table(table, heads, [str(prompt) for prompt in prompts[:shown]])
