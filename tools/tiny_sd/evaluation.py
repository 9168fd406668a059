"""Measure a trained pipeline folder: `python -m tools.tiny_sd.evaluation FOLDER [--out DIR]`.

Sizes and speed, what the autoencoder loses, how many pictures show what their caption tells (text to image, image to
image at several strengths, inpainting), as a table, as `DIR/evaluation.json` and as sheets of pictures. Pictures are
judged by `grader.tinyworld.recognition`.
"""

import json
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from PIL import Image
from rich.console import Console
from rich.table import Table

from grader.tinyworld.recognition import compare, look
from tools.pictures import write
from tools.tiny_sd.inpainting import measure_inpainting
from tools.tiny_sd.measurements import (
    Numbers,
    measure_autoencoder,
    measure_captions,
    measure_ladder,
    measure_sizes,
    measure_speed,
)
from tools.tiny_sd.painter import Painter
from tools.tiny_sd.prompts import one_or_two
from tools.tiny_sd.scores import ASPECTS, Row, shares


def contact_sheet(painter: Painter, number: int, seed: int) -> tuple[Row, Image.Image]:
    """Paint random captions, with the caption under each; where the judge disagrees, it is red."""
    rng = random.Random(f"sheet {seed}")
    descriptions = [one_or_two(rng) for _ in range(number)]
    pictures = painter.paint(list(map(str, descriptions)), painter.noise(number, f"sheet {seed}"))
    agreements = [
        compare(description, look(picture)) for description, picture in zip(descriptions, pictures, strict=True)
    ]
    columns = min(6, number)
    tile, label = 128, 44
    sheet = Image.new("RGB", (columns * (tile + 8), -(-number // columns) * (tile + label)), "white")
    for index, (picture, caption) in enumerate(zip(pictures, map(str, descriptions), strict=True)):
        x, y = index % columns * (tile + 8), index // columns * (tile + label)
        sheet.paste(picture.resize((tile, tile), Image.Resampling.NEAREST), (x, y))
        write(sheet, (x, y + tile + 2), caption, tile, "black" if agreements[index].all else "red")
    return shares(agreements), sheet


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
        ("captions", "Share drawn as described"),
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
