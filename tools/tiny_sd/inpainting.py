"""Measures inpainting: another thing in the place of one, and a second thing beside one."""

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from grader.tinyworld import drawing
from grader.tinyworld.drawing import Description, Scene
from tools.pictures import picture_table
from tools.tiny_sd.painter import Painter
from tools.tiny_sd.prompts import PAIRED_PLACES, random_pair, random_single, something_else
from tools.tiny_sd.scores import Row, difference, share_right

Inpainting = tuple[Scene, str, Tensor, Description]  # the source, the prompt, the mask, and what is to be seen


def measure_inpainting(painter: Painter, number: int, seed: int) -> tuple[dict[str, Row], Image.Image]:
    """Measure inpainting of a thing by another at its place, and of a second thing into the empty half.

    `kept latents` is the largest difference of latents in the part to keep, `kept pixels` the mean difference of its
    pixels from the source's, and `round trip` that of the autoencoder alone.
    """
    rng = random.Random(f"inpainting {seed}")
    rows, shown, labels = {}, [], []
    for name, make in (("another in its place", _replaced), ("a second beside it", _added)):
        tasks = [make(rng, painter.cells) for _ in range(number)]
        sources = [drawing.draw(scene) for scene, _, _, _ in tasks]
        captions = [prompt for _, prompt, _, _ in tasks]
        mask = torch.stack([where for _, _, where, _ in tasks])
        start, noise = painter.encode(sources), painter.noise(number, f"{name} {seed}")
        latents = painter.sample(captions, noise, start=start, mask=mask)
        results, again = painter.decode(latents), painter.decode(start)
        kept = [pixel_mask(where) == 0 for where in mask]
        rows[name] = share_right([expected for *_, expected in tasks], results) | {
            "kept latents": float(((latents - start) * (1 - mask)).abs().max()),
            "kept pixels": float(np.mean([*map(difference, results, sources, kept)])),
            "round trip": float(np.mean([*map(difference, again, sources, kept)])),
        }
        for source, result, keep, caption in list(zip(sources, results, kept, captions, strict=True))[:5]:
            holed = Image.fromarray(np.where(keep[..., None], np.asarray(source), 128).astype(np.uint8))
            shown.append([source, holed, result])
            labels.append(caption)
    return rows, picture_table(shown, ["source", "to keep", "inpainted"], labels)


def pixel_mask(mask: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a mask of latents, `[1, h, w]`, as one of pixels, `[H, W]`."""
    side = drawing.PICTURE_SIZE // mask.shape[-1]
    return np.asarray(mask[0].repeat_interleave(side, 0).repeat_interleave(side, 1))


def _replaced(rng: random.Random, cells: int) -> Inpainting:
    """Make another shape and colour where one is: the mask covers the thing and some of what is around it."""
    description = random_single(rng)
    words = replace(description.things[0], size=None)
    scene = drawing.scene_of(replace(description, things=(words,)), rng)
    new = replace(something_else(description, rng).things[0], place=words.place)
    expected = Description((new,), description.background)
    thing = scene.things[0]
    reach, side = 1.15 * thing.radius + 6, drawing.PICTURE_SIZE / cells
    columns, rows = (
        slice(max(0, math.floor((centre - reach) / side)), math.ceil((centre + reach) / side))
        for centre in (thing.x, thing.y)
    )
    mask = torch.zeros(1, cells, cells)
    mask[:, rows, columns] = 1
    return scene, str(expected), mask, expected


def _added(rng: random.Random, cells: int) -> Inpainting:
    """Make a second thing in the half that is empty: the prompt names only that thing, with its place."""
    description = random_pair(rng)
    index = rng.randrange(2)
    scene = drawing.scene_of(description, rng)
    new = description.things[index]
    half = slice(cells // 2 * index, cells // 2 * (index + 1))
    mask = torch.zeros(1, cells, cells)
    if new.place in PAIRED_PLACES[0]:
        mask[:, :, half] = 1
    else:
        mask[:, half, :] = 1
    return replace(scene, things=(scene.things[1 - index],)), f"{new} {description.background}", mask, description
