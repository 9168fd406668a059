"""Draws the pictures of the lesson page: `python -m exercises.img2img_and_inpainting.pictures.draw`."""

from pathlib import Path

import torch
from PIL import Image, ImageDraw

from grader.diffusion.stable_diffusion import stable_diffusion
from tools.pictures import gray_picture, one_thing, picture_table

FOLDER = Path(__file__).parent
STEPS = 25
STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)

sd = stable_diffusion()


def box(left: int, top: int, right: int, bottom: int) -> torch.Tensor:
    """Return a mask at latent size that is 1 in a box of latent places."""
    mask = torch.zeros(1, 1, *sd.latent_shape[1:])
    mask[:, :, top:bottom, left:right] = 1
    return mask


def shown(mask: torch.Tensor) -> Image.Image:
    """Return a mask as a picture, white where it is 1."""
    return gray_picture(mask[0, 0])


def strength_ladder() -> None:
    """Draw three pictures and what img2img makes of them at rising strengths."""
    pairs = [
        (one_thing("circle", "red", "on the left", "on white"), "a blue square on the right on white"),
        (one_thing("star", "yellow", "at the top", "at night"), "a green triangle at the bottom on sand"),
        (
            one_thing("cross", "purple", "in the middle", "on sand", "big"),
            "a small orange circle in the middle on black",
        ),
    ]
    rows, labels = [], []
    for seed, (source, prompt) in enumerate(pairs):
        z_0 = sd.latents(seed, source)
        run = {"z_0": z_0, "noise": sd.noise(seed + 20), "num_inference_steps": STEPS, **sd.prompt(prompt)}
        below = [sd.decode(sd.img2img(**run, strength=strength)) for strength in STRENGTHS[:-1]]
        free = {name: value for name, value in run.items() if name not in ("z_0", "noise")}
        rows.append([sd.picture(source, seed), *below, sd.decode(sd.text_to_image(run["noise"], **free))])
        labels.append(prompt)
    picture_table(rows, ["picture", *map(str, STRENGTHS)], labels).save(FOLDER / "strength.png")


def inpainting() -> None:
    """Draw what inpainting does, beside what pasting at the end does."""
    source, prompt = one_thing("circle", "red", "on the left", "on sand"), "a blue square on the right"
    z_0, noise, mask = sd.latents(1, source), sd.noise(31), box(8, 0, 16, 16)
    run = {"noise": noise, "num_inference_steps": STEPS, **sd.prompt(prompt)}
    painted = sd.inpaint(z_0=z_0, mask=mask, strength=1.0, **run)
    alone = sd.text_to_image(noise, **{name: value for name, value in run.items() if name != "noise"})
    pasted = mask * alone + (1 - mask) * z_0
    row = [sd.picture(source, 1), shown(mask), *map(sd.decode, (painted, pasted))]
    heads = ["picture", "mask", "inpainting", "pasted at the end"]
    picture_table([row], heads, [prompt]).save(FOLDER / "inpainting.png")


def tight_and_generous() -> None:
    """Draw a thing painted over inside a tight and inside a generous mask."""
    source, prompt = (
        one_thing("star", "purple", "in the middle", "on white", "big"),
        "a green circle in the middle on white",
    )
    z_0 = sd.latents(2, source)
    run = {"noise": sd.noise(33), "strength": 1.0, "num_inference_steps": STEPS, **sd.prompt(prompt)}
    rows = []
    for mask in (box(5, 5, 11, 11), box(2, 2, 14, 14)):
        rows.append([sd.picture(source, 2), shown(mask), sd.decode(sd.inpaint(z_0=z_0, mask=mask, **run))])
    picture_table(rows, ["picture", "mask", "inpainting"], ["tight", "generous"]).save(FOLDER / "masks.png")


def sketch() -> None:
    """Draw a sketch and what the two stages make of it."""
    paper = Image.new("RGB", (64, 64), (228, 206, 160))
    ImageDraw.Draw(paper).polygon([(8, 44), (14, 22), (20, 18), (28, 26), (30, 42), (18, 48)], fill=(200, 60, 70))
    first, second = sd.prompt("a red circle on the left on sand"), sd.prompt("a yellow star on the right on sand")
    z_0, noise, mask = sd.encode(paper), sd.noise(35), box(8, 0, 16, 16)
    run = {"noise": noise, "num_inference_steps": STEPS}
    whole = sd.img2img(z_0, strength=0.7, **run, **first)
    result = sd.inpaint(whole, mask, strength=1.0, **run, **second)
    row = [paper, sd.decode(whole), shown(mask), sd.decode(result)]
    heads = ["sketch", "first stage", "mask", "second stage"]
    picture_table([row], heads, ["a red circle on the left, then a yellow star on the right"]).save(
        FOLDER / "sketch.png"
    )


if __name__ == "__main__":
    strength_ladder()
    inpainting()
    tight_and_generous()
    sketch()
