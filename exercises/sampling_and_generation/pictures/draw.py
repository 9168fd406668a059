"""Draws the pictures of the lesson page: `python -m exercises.sampling_and_generation.pictures.draw`."""

import random
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont

from exercises._shared._schedules import make_alphas_cumprod, make_betas
from grader.diffusion import loading
from grader.diffusion.stable_diffusion import GUIDANCE_SCALE, stable_diffusion
from grader.tinyworld.drawing import draw, scene_of
from grader.workbench.denoisers import GaussianDenoiser, MixtureDenoiser
from tools.pictures import one_thing, picture_table

FOLDER = Path(__file__).parent
NUMBERS, MORE_NUMBERS = 10_000, 100_000  # more, where mean and spread are printed to two decimals
PLOT, MARGIN, HEAD = (190, 120), 14, 34
BLUE = (70, 110, 180)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    """Return standard normal numbers in double precision."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- pixels: a picture on its way to noise -----------------------------------------------------------------------


def to_pixels(image: Image.Image) -> torch.Tensor:
    """Return a picture as numbers from -1 to 1, `[H, W, 3]`."""
    values = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return values.reshape(image.height, image.width, 3).double() / 127.5 - 1


def to_image(pixels: torch.Tensor) -> Image.Image:
    """Return numbers from -1 to 1 as a picture; what lies beyond is cut off."""
    return Image.fromarray(((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().numpy())


def noising() -> None:
    """Draw one scene at rising timesteps of two schedules, with the same noise."""
    picture = draw(scene_of(one_thing("star", "yellow", "in the middle", "at night", "big"), random.Random(0)))
    x_0 = to_pixels(picture)
    noise, timesteps = normal(*x_0.shape), (0, 50, 200, 500, 950)
    rows = []
    for schedule in ("linear", "scaled_linear"):
        alpha_bars = make_alphas_cumprod(schedule, 1000)[list(timesteps)]
        rows.append([to_image(a.sqrt() * x_0 + (1 - a).sqrt() * noise) for a in alpha_bars])
    labels = ["linear, 0.0001 to 0.02", "scaled linear, 0.00085 to 0.012: Stable Diffusion's"]
    picture_table(rows, [f"t = {t}" for t in timesteps], labels).save(FOLDER / "noising.png")


# --- numbers: what loops around perfect models make of noise -----------------------------------------------------


def histograms(columns: list[tuple[str, torch.Tensor]], span: tuple[float, float], bins: int = 64) -> Image.Image:
    """Draw one histogram a column under its title, each scaled to its own highest bar, all over the same span."""
    (width, height), (low, high) = PLOT, span
    sheet = Image.new("RGB", (len(columns) * (width + MARGIN), HEAD + height + 20), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    for place, (title, values) in enumerate(columns):
        left, floor = place * (width + MARGIN) + MARGIN // 2, HEAD + height
        pen.multiline_text((left, 2), title, fill="black", font=font, spacing=2)
        counts = torch.histc(values, bins, low, high)
        for bar, share in enumerate((counts / counts.max()).tolist()):
            x, top = left + bar * width / bins, floor - round(share * (height - 6))
            pen.rectangle((x, top, x + width / bins - 1, floor), fill=BLUE if share else "white")
        pen.line((left, floor, left + width, floor), fill="black")
        for tick in range(int(low), int(high) + 1):
            x = left + (tick - low) / (high - low) * width
            pen.line((x, floor, x, floor + 3), fill="black")
            pen.text((x, floor + 5), str(tick), fill="black", font=font, anchor="ma")
    return sheet


def ddpm(model, x: torch.Tensor, betas: torch.Tensor) -> torch.Tensor:
    """Return what the whole loop makes of noise."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    generator = torch.Generator().manual_seed(1)
    for t in reversed(range(len(betas))):
        x = (x - betas[t] / (1 - alphas_cumprod[t]).sqrt() * model(x, t)) / (1 - betas[t]).sqrt()
        if t > 0:
            x = x + betas[t].sqrt() * torch.randn(x.shape, generator=generator, dtype=x.dtype)
    return x


def one_shot() -> None:
    """Draw data of two kinds of pixels, the estimates from pure noise, and what the loop makes of the same noise."""
    betas = make_betas("linear", 1000)
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    model = MixtureDenoiser(alphas_cumprod, means=(-1.0, 1.0), std=0.1)
    noise = normal(NUMBERS)
    data = 0.1 * normal(NUMBERS, seed=2) + torch.sign(normal(NUMBERS, seed=3))
    last = alphas_cumprod[-1]
    estimates = (noise - (1 - last).sqrt() * model(noise, 999)) / last.sqrt()
    result = ddpm(model, noise, betas)
    near = ((result.abs() - 1).abs() < 0.3).double().mean()
    print(f"one shot: {estimates.min():.3f} to {estimates.max():.3f}")
    print(f"the loop: {near:.1%} near a mode, {(result > 0).double().mean():.1%} above 0, ", end="")
    print(f"spread {(result.abs() - 1)[(result.abs() - 1).abs() < 0.5].std():.3f}")
    columns = [("the data", data), ("one shot from pure noise", estimates), ("1000 steps from the same noise", result)]
    histograms(columns, (-2, 2)).save(FOLDER / "one_shot.png")


def short_loops() -> None:
    """Draw data around 2, and what loops of 10, 50 and 1000 steps with the perfect model end at."""
    columns = [("the data\nmean 2, spread 0.5", 2 + 0.5 * normal(MORE_NUMBERS, seed=2))]
    for steps in (10, 50, 1000):
        betas = make_betas("linear", steps)
        model = GaussianDenoiser(torch.cumprod(1 - betas, dim=0), mean=2.0, std=0.5)
        result = ddpm(model, normal(MORE_NUMBERS), betas)
        columns.append((f"{steps} steps\nmean {result.mean():.2f}, spread {result.std():.2f}", result))
    histograms(columns, (-3, 5)).save(FOLDER / "short_loops.png")


# --- pictures of the small Stable Diffusion ----------------------------------------------------------------------


def way(seed: int, prompt: str, leaps: int, guidance_scale: float = GUIDANCE_SCALE):
    """Yield timestep, latents and the estimate of the clean latents before every leap, and the result at timestep -1.

    Unlike the pipelines' loops this one guides at every scale, those up to 1 included.
    """
    sd, unet, scheduler = stable_diffusion(), loading.load().unet, loading.make_scheduler("ddim")
    scheduler.set_timesteps(leaps)
    z, embeddings = sd.noise(seed), sd.prompt(prompt)["text_embeddings"]
    for t in scheduler.timesteps:
        with torch.no_grad():
            uncond, text = unet(torch.cat([z, z]), t, embeddings).sample.chunk(2)
        step = scheduler.step(uncond + guidance_scale * (text - uncond), t, z)
        yield int(t), z, step.pred_original_sample
        z = step.prev_sample
    yield -1, z, z


def result(*arguments: object, **options: object) -> Image.Image:
    """Return the picture at the end of a way."""
    *_, (_, z, _) = way(*arguments, **options)
    return stable_diffusion().decode(z)


def estimates() -> None:
    """Draw what is there, and what the model takes the picture to be, along the way of 50 leaps."""
    places = list(way(4, "a red circle on the left on sand", 50))
    chosen = [places[index] for index in (0, 10, 20, 30, 40, 49)]
    rows = [[stable_diffusion().decode(place[kind]) for place in chosen] for kind in (1, 2)]
    heads, labels = [f"t = {t}" for t, _, _ in chosen], ["what is there", "what the model takes the picture to be"]
    picture_table(rows, heads, labels).save(FOLDER / "estimates.png")


def leaps() -> None:
    """Draw what few and many leaps make of the same noise."""
    prompts = ["a green triangle on the right on white", "a big purple star in the middle on sand"]
    counts = (1, 2, 5, 10, 25, 50)
    rows = [[result(seed, prompt, count) for count in counts] for seed, prompt in enumerate(prompts, start=7)]
    picture_table(rows, [str(count) for count in counts], prompts).save(FOLDER / "leaps.png")


def guidance() -> None:
    """Draw one prompt a row, each from the same noise at rising guidance scales."""
    prompts = ["a blue square at the top on black", "a small orange circle on the left on white"]
    scales = (0.0, 0.5, 1.0, 3.0, 7.5, 20.0)
    rows = [[result(seed, prompt, 25, scale) for scale in scales] for seed, prompt in enumerate(prompts, start=11)]
    picture_table(rows, [f"{scale:g}" for scale in scales], prompts).save(FOLDER / "guidance.png")


if __name__ == "__main__":
    noising()
    one_shot()
    short_loops()
    estimates()
    leaps()
    guidance()
