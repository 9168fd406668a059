"""Draws the pictures of the lesson page: `python -m exercises.img2img_and_inpainting.pictures.draw`."""

from pathlib import Path

import torch
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from exercises._shared._training import pixel_values
from grader.diffusion.stable_diffusion import stable_diffusion
from tools.diagrams import Arrow, Box, diagram
from tools.pictures import gray_picture, one_thing, picture_table
from tools.solutions import load_function

FOLDER = Path(__file__).parent
REFERENCE = Path(__file__).parents[3] / "reference" / "img2img_and_inpainting"
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


def pipeline() -> None:
    """Draw what img2img does, and what inpainting adds to it."""
    boxes = {
        "picture": Box(0.95, 2.9, "picture"),
        "encoder": Box(2.85, 2.9, "encoder, then\ntimes the factor", "model"),
        "z_0": Box(4.75, 2.9, "latents z_0", width=1.3),
        "strength": Box(0.95, 1.75, "strength,\nnumber of steps"),
        "index": Box(2.85, 1.75, "first index", "rule", 1.3, 0.5),
        "start": Box(4.75, 1.75, "noised to the first\ntimestep that runs", "rule", 1.7),
        "loop": Box(7.3, 1.75, "U-Net and scheduler.step,\nfrom there to the end", "model", 2.1, 0.9),
        "combine": Box(7.3, 0.45, "outside the mask: z_0 with\nthe noise of the next timestep", "rule", 2.4),
        "decoder": Box(9.6, 1.75, "decoder, and\nthe picture", "model", 1.4),
    }
    arrows = [
        Arrow("picture", "encoder"),
        Arrow("encoder", "z_0"),
        Arrow("strength", "index"),
        Arrow("index", "start"),
        Arrow("z_0", "start", leaves="bottom", enters="top"),
        Arrow("start", "loop"),
        Arrow("loop", "decoder"),
        Arrow(
            "loop", "combine", "after every step, in inpainting only", leaves="bottom -0.4", enters="top -0.4",
            at=(-1.35, 0),
        ),
        Arrow("combine", "loop", leaves="top 0.4", enters="bottom 0.4"),
    ]  # fmt: skip
    diagram(FOLDER / "pipeline.png", (10.5, 3.4), boxes, arrows)


def alpha_bar_curve() -> None:
    """Draw alpha-bar over the timesteps of Stable Diffusion's schedule, and where strengths start on it."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    alphas_cumprod = torch.cumprod(1 - betas, 0)
    figure = Figure(figsize=(6.4, 3.2), dpi=110, layout="constrained")
    axis = figure.subplots()
    axis.plot(alphas_cumprod, color="#1f5fa8", label="alpha-bar")
    axis.plot([0, 999], [1, 0], color="#8a8a8a", linestyle="--", linewidth=1, label="a straight line")
    for strength in (0.2, 0.5, 0.7, 0.8, 1.0):
        timestep = 1 + 20 * (round(50 * strength) - 1)  # 50 leading steps with offset 1, from the end
        share = float(alphas_cumprod[timestep])
        axis.plot(timestep, share, "o", color="#c0392b", markersize=5)
        below = strength == 0.8  # its label would cover those of its neighbours
        axis.annotate(
            f"strength {strength}: {share:.2g}", (timestep, share), xytext=(0, -14) if below else (6, 8),
            textcoords="offset points", fontsize=8, ha="center" if strength >= 0.8 else "left",
        )  # fmt: skip
    axis.set_xlabel("first timestep of 50 leading ones", fontsize=9)
    axis.set_ylabel("share of the picture's variance", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.grid(visible=True, color="#dddddd", linewidth=0.6)
    axis.set_xlim(-20, 1110)
    axis.set_ylim(-0.1, 1.05)
    axis.legend(fontsize=8)
    figure.savefig(FOLDER / "alpha_bar.png", facecolor="white")


def seams() -> None:
    """Draw what inpainting does to the pixels that were to stay, and the same combined once more in pixels."""
    source, prompt = one_thing("circle", "red", "on the left", "on sand"), "a blue square on the right"
    mask = box(8, 0, 16, 16)
    run = {"noise": sd.noise(31), "num_inference_steps": STEPS, **sd.prompt(prompt)}
    painted = pixel_values(sd.decode(sd.inpaint(z_0=sd.latents(1, source), mask=mask, strength=1.0, **run)))
    picture = pixel_values(sd.picture(source, 1))
    combine = load_function(REFERENCE / "combine_masked" / "solution.py", "combine_masked")
    feather = load_function(REFERENCE / "feather_mask" / "solution.py", "feather_mask")
    hard = mask.repeat_interleave(4, 2).repeat_interleave(4, 3)
    results = [painted, combine(hard, painted, picture), combine(feather(hard, 4), painted, picture)]
    lost = [gray_picture((4 * (each - picture).abs().mean(1)[0] / 2).clamp(0, 1)) for each in results]
    shown = [Image.fromarray(((each[0].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy()) for each in results]
    heads = ["as decoded", "combined", "with a soft mask"]
    picture_table([shown, lost], heads, ["the result", "how far from the old picture, 4 times as bright"]).save(
        FOLDER / "seams.png"
    )


if __name__ == "__main__":
    pipeline()
    alpha_bar_curve()
    seams()
    strength_ladder()
    inpainting()
    tight_and_generous()
    sketch()
