"""Measure a trained pipeline folder: `python -m tools.tiny_sd.evaluation FOLDER [--out DIR]`.

Sizes and speed, what the autoencoder loses, how many pictures show what their caption tells (text to image, image to
image at several strengths, inpainting), as a table, as `DIR/evaluation.json` and as sheets of pictures. Pictures are
judged by `grader.tinyworld.recognition`. Sampling is DDIM on the folder's own schedule, written out here.
"""

import json
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.table import Table
from torch import Tensor

from grader.tinyworld import drawing
from grader.tinyworld.drawing import BACKGROUNDS, COLOURS, HELD_OUT, PLACES, SHAPES, Description, Scene, Words
from grader.tinyworld.recognition import Agreement, Seen, compare, look
from tools.tiny_sd.training import encode_all

ASPECTS = ("shape", "colour", "place", "size", "background", "number", "all")
STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
GUIDANCES = (1.5, 5.0)  # besides the usual one
STEPS, FEW_STEPS = 25, 10
GUIDANCE = 3.0
BATCH = 16
LONGEST_TIMING = 5.0  # seconds: on a busy machine two threads can be very slow
SIZE_TOLD, SINGLE = 0.4, 0.75  # shares of captions
PAIRED_PLACES = (("on the left", "on the right"), ("at the top", "at the bottom"))

Row = dict[str, float]


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


# --- the model ---


@dataclass
class Painter:
    """A pipeline's parts, and the ways to sample from them; latents are `[B, 4, h, w]`, scaled, as the U-Net sees."""

    parts: Any

    @classmethod
    def load(cls, folder: Path) -> "Painter":
        """Load the folder; raises `typer.BadParameter` if there is no pipeline in it."""
        from grader.diffusion import loading

        if not (folder / "model_index.json").is_file():
            raise typer.BadParameter(f"{folder} holds no pipeline (no model_index.json): name the folder of one.")
        return cls(loading.load(folder))

    @property
    def cells(self) -> int:
        """The height and width of the latents."""
        return int(self.parts.unet.config.sample_size)

    def noise(self, number: int, seed: str) -> Tensor:
        """Draw noise for as many pictures, decided by `seed`."""
        generator = torch.Generator().manual_seed(random.Random(seed).getrandbits(48))
        return torch.randn(number, self.parts.unet.config.in_channels, self.cells, self.cells, generator=generator)

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Tensor:
        """Return the text encoder's last hidden states, `[B, length, width]`."""
        tokenizer = self.parts.tokenizer
        ids = tokenizer(list(captions), padding="max_length", truncation=True, return_tensors="pt").input_ids
        states: Tensor = self.parts.text_encoder(ids).last_hidden_state
        return states

    @torch.no_grad()
    def encode(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Return the pictures' latents: the mode of their distribution, scaled."""
        pixels = np.stack([np.asarray(picture) for picture in pictures])
        latents = encode_all(self.parts.vae, torch.from_numpy(pixels).permute(0, 3, 1, 2))
        scaled: Tensor = latents * self.parts.vae.config.scaling_factor
        return scaled

    @torch.no_grad()
    def decode(self, latents: Tensor) -> list[Image.Image]:
        """Return the pictures of latents."""
        vae = self.parts.vae
        batches = torch.split(latents / vae.config.scaling_factor, BATCH)
        pixels = torch.cat([vae.decode(batch).sample for batch in batches])
        array = pixels.add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
        return [Image.fromarray(picture) for picture in array]

    @torch.no_grad()
    def predict(self, x_t: Tensor, timestep: Tensor, text: Tensor, guidance: float) -> Tensor:
        """Predict the noise with classifier-free guidance: `uncond + guidance * (cond - uncond)`."""
        both = torch.cat([self.encode_text([""]).expand_as(text), text])
        noise_pred = self.parts.unet(torch.cat([x_t, x_t]), timestep, encoder_hidden_states=both).sample
        unconditional, conditional = noise_pred.chunk(2)
        mixed: Tensor = unconditional + guidance * (conditional - unconditional)
        return mixed

    def sample(
        self,
        captions: Sequence[str],
        noise: Tensor,
        *,
        steps: int = STEPS,
        guidance: float = GUIDANCE,
        start: Tensor | None = None,
        strength: float = 1.0,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Return latents for captions, by DDIM from `noise`.

        With `start`, image to image: noise is added to those latents and only the last `int(steps * strength)` steps
        are run; at strength 1 from the noise alone. With `mask` too (`[B, 1, h, w]`, 1 = repaint), inpainting: from
        pure noise, and after every step the part to keep is the start again, noised for the step that comes.
        """
        pieces = []
        for first in range(0, len(captions), BATCH):
            part = slice(first, first + BATCH)
            held = None if start is None else start[part]
            where = None if mask is None else mask[part]
            pieces.append(self._sample(captions[part], noise[part], steps, guidance, held, strength, where))
        return torch.cat(pieces)

    @torch.no_grad()
    def _sample(
        self,
        captions: Sequence[str],
        noise: Tensor,
        steps: int,
        guidance: float,
        start: Tensor | None,
        strength: float,
        mask: Tensor | None,
    ) -> Tensor:
        scheduler = self.parts.scheduler
        scheduler.set_timesteps(steps)
        timesteps = scheduler.timesteps[steps - min(int(steps * strength), steps) :]
        text = self.encode_text(captions)
        pure = start is None or mask is not None or strength == 1
        x_t = noise if pure else scheduler.add_noise(start, noise, timesteps[:1])
        for index, timestep in enumerate(timesteps):
            noise_pred = self.predict(x_t, timestep, text, guidance)
            x_t = scheduler.step(noise_pred, timestep, x_t).prev_sample
            if mask is not None and start is not None:
                last = index + 1 == len(timesteps)
                kept = start if last else scheduler.add_noise(start, noise, timesteps[index + 1 : index + 2])
                x_t = mask * x_t + (1 - mask) * kept
        return x_t

    def paint(self, captions: Sequence[str], noise: Tensor, **options: Any) -> list[Image.Image]:
        """Return pictures for captions; `options` are those of `sample`."""
        return self.decode(self.sample(captions, noise, **options))


# --- what is asked of it ---


def random_single(rng: random.Random, pair: tuple[str, str] | None = None) -> Description:
    """Draw a description of one thing with colour, shape, place, background and, often, size told.

    `pair` is a colour and a shape; without it, one that training has.
    """
    pairs = [(colour, shape) for colour in COLOURS for shape in SHAPES if (colour, shape) not in HELD_OUT]
    colour, shape = pair or rng.choice(pairs)
    size = rng.choice(["small", "big"]) if rng.random() < SIZE_TOLD else None
    return Description((Words(shape, colour, size, rng.choice(list(PLACES))),), rng.choice(list(BACKGROUNDS)))


def random_pair(rng: random.Random) -> Description:
    """Draw a description of two things side by side or one above the other, all told but sizes."""
    things = [replace(random_single(rng).things[0], size=None, place=place) for place in rng.choice(PAIRED_PLACES)]
    return Description(tuple(things), rng.choice(list(BACKGROUNDS)))


def something_else(told: Description, rng: random.Random) -> Description:
    """Draw a description of one thing with another shape, colour, place and background than is told, and no size."""
    words = told.things[0]
    while True:
        other = random_single(rng)
        new = other.things[0]
        if other.background != told.background and all(
            getattr(new, aspect) != getattr(words, aspect) for aspect in ("shape", "colour", "place")
        ):
            return Description((replace(new, size=None),), other.background)


# --- the numbers ---


def shares(agreements: Iterable[Agreement]) -> Row:
    """Return the share of right answers for each of `ASPECTS`, where it is told; `n` is the number of all."""
    agreements = list(agreements)
    row: Row = {"n": len(agreements)}
    for aspect in ASPECTS:
        answers = [getattr(agreement, aspect) for agreement in agreements]
        told = [answer for answer in answers if answer is not None]
        if told:
            row[aspect] = sum(told) / len(told)
    return row


def share_right(told: Sequence[Description], pictures: Sequence[Image.Image]) -> Row:
    """Return the `shares` of pictures that were to show what is told."""
    return shares(compare(description, look(picture)) for description, picture in zip(told, pictures, strict=True))


def psnr(first: Sequence[Image.Image], second: Sequence[Image.Image]) -> float:
    """Return the mean over pictures of 10 log10(255^2 / mean squared error), in decibels; equal ones count as 99."""
    errors = [
        float(np.square(np.asarray(a, dtype=float) - np.asarray(b, dtype=float)).mean())
        for a, b in zip(first, second, strict=True)
    ]
    return sum(99.0 if error == 0 else 10 * math.log10(255**2 / error) for error in errors) / len(errors)


def difference(first: Image.Image, second: Image.Image, where: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Return the mean absolute difference of two pictures where the mask `[H, W]` is true, of pixels in [0, 1]."""
    gap = np.abs(np.asarray(first, dtype=float) - np.asarray(second, dtype=float)) / 255
    return float(gap[where].mean())


def ladder_row(sources: Sequence[Description], prompts: Sequence[Description], seen: Sequence[Seen]) -> Row:
    """Count how many pictures keep the source's shape, colour, place, background, and how many follow the prompt's."""
    kept = shares(map(compare, sources, seen))
    followed = shares(map(compare, prompts, seen))
    aspects = ("shape", "colour", "place", "background", "all")
    return {f"keeps {aspect}": kept[aspect] for aspect in aspects} | {
        f"follows {aspect}": followed[aspect] for aspect in aspects
    }


def distance(first: Tensor, second: Tensor) -> float:
    """Return the root of the mean squared difference of two latents."""
    return float((first - second).square().mean().sqrt())


# --- the parts of the evaluation ---


def measure_sizes(painter: Painter, folder: Path) -> dict[str, Row]:
    """Count parameters, and megabytes on disk, of each part and of all."""
    rows = {}
    for name in ("unet", "vae", "text_encoder"):
        numbers = sum(parameter.numel() for parameter in getattr(painter.parts, name).parameters())
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
        painter.parts.unet(noise[:batch], timestep, encoder_hidden_states=text[:batch])

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
    told = [random_single(rng) if rng.random() < SINGLE else random_pair(rng) for _ in range(number)]
    scenes = [drawing.draw(drawing.scene_of(description, rng)) for description in told]
    free = [drawing.draw(drawing.free_scene(rng)) for _ in range(max(4, number // 2))]
    latents = painter.encode(scenes)
    again = painter.decode(latents)
    return {
        "PSNR": psnr(scenes, again),
        "PSNR of free scenes": psnr(free, painter.decode(painter.encode(free))),
        "right": share_right(told, again)["all"],
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

    def share(name: str, told: list[Description], **options: Any) -> Row:
        noise = painter.noise(len(told), f"{name} {seed}")
        return share_right(told, painter.paint(list(map(str, told)), noise, **options))

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
    told = [random_single(rng) for _ in range(number)]
    told = [replace(description, things=(replace(description.things[0], size=None),)) for description in told]
    prompts = [something_else(description, rng) for description in told]
    sources = [drawing.draw(drawing.scene_of(description, rng)) for description in told]
    start, noise = painter.encode(sources), painter.noise(number, f"ladder {seed}")
    captions = list(map(str, prompts))
    rows, columns = {}, [sources]
    for strength in STRENGTHS:
        latents = painter.sample(captions, noise, start=start, strength=strength)
        others = painter.sample(captions[:8], noise[:8], start=start.roll(1, 0)[:8], strength=strength)
        results = painter.decode(latents)
        columns.append(results)
        rows[str(strength)] = ladder_row(told, prompts, list(map(look, results))) | {
            "distance": distance(latents, start),
            "other source": distance(latents[:8], others),
        }
    heads = ["source", *(f"strength {strength}" for strength in STRENGTHS)]
    shown = min(8, number)
    table = [[column[index] for column in columns] for index in range(shown)]
    return rows, picture_table(table, heads, [str(prompt) for prompt in prompts[:shown]])


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
        kept = [to_pixels(where) == 0 for where in mask]
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


Inpainting = tuple[Scene, str, Tensor, Description]  # the source, the prompt, the mask, and what is to be seen


def to_pixels(mask: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a mask of latents, `[1, h, w]`, as one of pixels, `[H, W]`."""
    side = drawing.PICTURE_SIZE // mask.shape[-1]
    return np.asarray(mask[0].repeat_interleave(side, 0).repeat_interleave(side, 1))


def _replaced(rng: random.Random, cells: int) -> Inpainting:
    """Make another shape and colour where one is: the mask covers the thing and some of what is around it."""
    told = random_single(rng)
    words = replace(told.things[0], size=None)
    scene = drawing.scene_of(replace(told, things=(words,)), rng)
    new = replace(something_else(told, rng).things[0], place=words.place)
    expected = Description((new,), told.background)
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
    """Make a second thing in the half that is empty: the prompt tells only that thing, with its place."""
    told = random_pair(rng)
    index = rng.randrange(2)
    scene = drawing.scene_of(told, rng)
    new = told.things[index]
    half = slice(cells // 2 * index, cells // 2 * (index + 1))
    mask = torch.zeros(1, cells, cells)
    if new.place in PAIRED_PLACES[0]:
        mask[:, :, half] = 1
    else:
        mask[:, half, :] = 1
    return replace(scene, things=(scene.things[1 - index],)), f"{new} {told.background}", mask, told


# --- sheets of pictures ---


def contact_sheet(painter: Painter, number: int, seed: int) -> tuple[Row, Image.Image]:
    """Paint random captions, with the caption under each; where the judge disagrees, it is red."""
    rng = random.Random(f"sheet {seed}")
    told = [random_single(rng) if rng.random() < SINGLE else random_pair(rng) for _ in range(number)]
    pictures = painter.paint(list(map(str, told)), painter.noise(number, f"sheet {seed}"))
    agreements = [compare(description, look(picture)) for description, picture in zip(told, pictures, strict=True)]
    columns = min(6, number)
    tile, label = 128, 44
    sheet = Image.new("RGB", (columns * (tile + 8), -(-number // columns) * (tile + label)), "white")
    for index, (picture, caption) in enumerate(zip(pictures, map(str, told), strict=True)):
        x, y = index % columns * (tile + 8), index // columns * (tile + label)
        sheet.paste(picture.resize((tile, tile), Image.Resampling.NEAREST), (x, y))
        _write(sheet, (x, y + tile + 2), caption, tile, "black" if agreements[index].all else "red")
    return shares(agreements), sheet


def picture_table(rows: Sequence[Sequence[Image.Image]], heads: Sequence[str], labels: Sequence[str]) -> Image.Image:
    """Lay pictures out in rows under `heads`, each row with its label under it."""
    tile, head, label = 96, 16, 18
    sheet = Image.new("RGB", (len(heads) * (tile + 6), head + len(rows) * (tile + label)), "white")
    for column, text in enumerate(heads):
        _write(sheet, (column * (tile + 6), 1), text, tile)
    for index, (row, text) in enumerate(zip(rows, labels, strict=True)):
        y = head + index * (tile + label)
        for column, picture in enumerate(row):
            sheet.paste(picture.resize((tile, tile), Image.Resampling.NEAREST), (column * (tile + 6), y))
        _write(sheet, (0, y + tile + 1), text, sheet.width)
    return sheet


def _write(sheet: Image.Image, at: tuple[int, int], text: str, width: int, colour: str = "black") -> None:
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    pen.multiline_text(at, "\n".join(lines), fill=colour, font=font, spacing=2)


# --- the report ---


def evaluate(folder: Path, out: Path, seed: int, numbers: Numbers, say: Callable[[str], None]) -> dict[str, Any]:
    """Run everything, write the numbers and the sheets of pictures to `out`, and return the numbers."""
    started = time.perf_counter()
    painter = Painter.load(folder)
    results: dict[str, Any] = {"seed": seed, "numbers": vars(numbers), "load seconds": time.perf_counter() - started}

    def part(name: str, measure: Callable[[], Any]) -> None:
        begun = time.perf_counter()
        measured = measure()
        if isinstance(measured, tuple):
            measured, sheet = measured
            sheet.save(out / f"{name}.png")
        results[name] = measured
        (out / "evaluation.json").write_text(json.dumps(results, indent=2) + "\n")  # a run that is stopped leaves this
        say(f"{name}: {time.perf_counter() - begun:.0f} s")

    part("sizes", lambda: measure_sizes(painter, folder))
    part("speed", lambda: measure_speed(painter))
    part("autoencoder", lambda: measure_autoencoder(painter, numbers.reconstructed, seed))
    part("captions", lambda: measure_captions(painter, numbers, seed))
    part("ladder", lambda: measure_ladder(painter, numbers.sources, seed))
    part("inpainting", lambda: measure_inpainting(painter, numbers.inpainted, seed))
    part("contact", lambda: contact_sheet(painter, numbers.sheet, seed))
    return results


def tables(results: dict[str, Any]) -> Iterable[Table]:
    """Show the results as tables, one for each part; shares in percent."""
    yield table("Autoencoder", {"value": results["autoencoder"]})
    for name, title in (
        ("sizes", "Sizes"),
        ("speed", "Speed"),
        ("captions", "Share drawn as told"),
        ("ladder", "Image to image"),
        ("inpainting", "Inpainting"),
    ):
        yield table(title, results[name])


def table(title: str, columns: dict[str, Row]) -> Table:
    """Make one table with a line for each number; whole numbers stay, and what is a share is shown in percent."""
    made = Table(title=title, title_justify="left", show_header=len(columns) > 1)
    made.add_column("")
    for name in columns:
        made.add_column(name, justify="right")
    for line in dict.fromkeys(line for column in columns.values() for line in column):
        made.add_row(line, *(_number(line, column[line]) if line in column else "" for column in columns.values()))
    return made


def _number(line: str, value: float) -> str:
    if line in {*ASPECTS, "right"} or line.startswith(("keeps", "follows")):
        return f"{100 * value:.0f} %"
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"


def main(
    folder: Annotated[Path, typer.Argument(help="The folder of the pipeline.")],
    out: Annotated[Path, typer.Option(help="The folder to write evaluation.json and the sheets to.")] = Path(
        "build/evaluation"
    ),
    seed: Annotated[int, typer.Option(help="Decides captions and noise.")] = 0,
    threads: Annotated[int, typer.Option(help="Threads for sampling; the numbers barely depend on it.")] = 1,
    quick: Annotated[bool, typer.Option("--quick", help="A tenth of the pictures.")] = False,
) -> None:
    """Measure a trained tiny Stable Diffusion."""
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    console = Console()
    results = evaluate(folder, out, seed, Numbers().tenth() if quick else Numbers(), console.log)
    for made in tables(results):
        console.print(made)
    console.print(f"Written to {out}.")


if __name__ == "__main__":
    typer.run(main)
