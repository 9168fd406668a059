"""Draws the pictures of the lesson page, and prints the numbers that it tells of the small model.

`python -m exercises.from_pixels_to_latents.pictures.draw`
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from exercises._shared._training import pixel_values
from grader.diffusion import loading
from grader.diffusion.stable_diffusion import stable_diffusion
from grader.tinyworld.drawing import Description, Words
from reference.from_pixels_to_latents._training import training_loss
from tools.diagrams import Arrow, Box, diagram
from tools.pictures import gray_picture, one_thing, picture_table

FOLDER = Path(__file__).parent

sd = stable_diffusion()


def stretched(channel: torch.Tensor) -> Image.Image:
    """Return one channel [h, w] as a picture, its smallest number black and its largest white."""
    return gray_picture((channel - channel.min()) / (channel.max() - channel.min()))


def channels() -> None:
    """Draw pictures, the four channels of their latents, and what the decoder makes of them."""
    sources = [
        one_thing("star", "yellow", "on the left", "at night", "big"),
        one_thing("ring", "red", "in the middle", "on white", "big"),
        one_thing("square", "green", "on the right", "on sand"),
    ]
    rows = []
    for seed, source in enumerate(sources):
        latents = sd.latents(seed, source)
        rows.append([sd.picture(source, seed), *map(stretched, latents[0]), sd.decode(latents)])
    heads = ["picture", *(f"channel {number}" for number in range(1, 5)), "decoded"]
    picture_table(rows, heads, [str(source) for source in sources]).save(FOLDER / "channels.png")


def finished() -> None:
    """Draw what a picture becomes if a line of decoding is missing."""
    factor = loading.load().vae.config.scaling_factor
    rows, labels = [], []
    for seed, source in enumerate(
        [
            one_thing("circle", "red", "on the left", "on white"),
            one_thing("star", "cyan", "in the middle", "on black", "big"),
        ]
    ):
        latents = sd.latents(seed + 3, source)
        with torch.no_grad():
            decoded = loading.load().vae.decode(latents / factor).sample[0].permute(1, 2, 0).numpy()
        halves = Image.fromarray((np.clip(decoded, 0, 1) * 255).astype(np.uint8))
        wrapped = Image.fromarray(np.round((decoded * 1.15 / 2 + 0.5) * 255).astype(np.int64).astype(np.uint8))
        tiny = torch.nn.functional.interpolate(latents[:, :3], scale_factor=4)[0].permute(1, 2, 0).numpy()
        shown = Image.fromarray((np.clip(tiny / 2 + 0.5, 0, 1) * 255).astype(np.uint8))
        foreign = sd.decode(latents * factor / 0.18215)
        rows.append([sd.decode(latents), sd.decode(latents * factor), foreign, halves, wrapped, shown])
        labels.append(str(source))
    heads = ["right", "not divided", "by 0.18215", "taken for [0, 1]", "not cut off", "not decoded"]
    picture_table(rows, heads, labels).save(FOLDER / "decoding.png")


def between() -> None:
    """Draw the way from one picture to another, in latents and in pixels."""
    weights = (-0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
    first = sd.picture(one_thing("circle", "red", "on the left", "on white", "big"), 5)
    second = sd.picture(one_thing("square", "blue", "on the right", "on sand", "big"), 6)
    ends = [np.asarray(picture, dtype=float) for picture in (first, second)]
    z_a, z_b = map(sd.encode, (first, second))
    decoded = [sd.decode(z_a + weight * (z_b - z_a)) for weight in weights]
    mixed = [ends[0] + weight * (ends[1] - ends[0]) for weight in weights]
    faded = [Image.fromarray(np.clip(np.round(levels), 0, 255).astype(np.uint8)) for levels in mixed]
    picture_table([decoded, faded], list(map(str, weights)), ["mixed as latents", "mixed as pixels"]).save(
        FOLDER / "interpolation.png"
    )


@torch.no_grad()
def on_the_way(prompt: str, seed: int, num_inference_steps: int, shown: tuple[int, ...]) -> list[Image.Image]:
    """Return the latents of a run under DDIM, decoded after some of its steps."""
    scheduler, unet = loading.make_scheduler("ddim"), loading.load().unet
    conditions = sd.prompt(prompt)
    scheduler.set_timesteps(num_inference_steps)
    latents = sd.noise(seed)
    pictures = [sd.decode(latents)] if 0 in shown else []
    for step, t in enumerate(scheduler.timesteps, start=1):
        both = unet(torch.cat([latents] * 2), t, encoder_hidden_states=conditions["text_embeddings"]).sample
        uncond, text = both.chunk(2)
        latents = scheduler.step(uncond + conditions["guidance_scale"] * (text - uncond), t, latents).prev_sample
        if step in shown:
            pictures.append(sd.decode(latents))
    return pictures


def loop() -> None:
    """Draw what the latents look like on the way from noise to a picture."""
    shown = (0, 5, 10, 15, 20, 23, 25)
    prompts = ["a big red ring in the middle on white", "a yellow star at the top at night"]
    rows = [on_the_way(prompt, seed, 25, shown) for seed, prompt in enumerate(prompts, start=40)]
    picture_table(rows, [f"after {step}" for step in shown], prompts).save(FOLDER / "loop.png")


def numbers_of_steps() -> None:
    """Draw prompts from the same noise in few and in many steps."""
    counts = (1, 2, 4, 8, 16, 32, 50)
    prompts = [
        "a big red ring in the middle on white",
        "a yellow star at the top at night",
        "a green triangle on the left and a blue circle on the right on sand",
    ]
    rows = [
        [sd.decode(sd.text_to_image(sd.noise(seed), count, **sd.prompt(prompt))) for count in counts]
        for seed, prompt in enumerate(prompts, start=40)
    ]
    picture_table(rows, [f"{count} step{'s' * (count > 1)}" for count in counts], prompts).save(FOLDER / "steps.png")


@torch.no_grad()
def numbers() -> None:
    """Print what the page tells of the small model: spreads, losses of the autoencoder, losses of training."""
    vae = loading.load().vae
    pictures = [sd.picture(seed=seed) for seed in range(100)]
    posterior = vae.encode(pixel_values(*pictures)).latent_dist
    unscaled = posterior.mode()
    print(f"spread of the latents: {unscaled.std():.2f}, scaled {unscaled.std() * vae.config.scaling_factor:.2f}")
    print(f"two samples differ by {(posterior.sample() - posterior.sample()).abs().mean():.3f} on average")
    errors = [
        np.abs(np.asarray(sd.decode(sd.encode(picture)), dtype=float) - np.asarray(picture)) for picture in pictures
    ]
    print(f"there and back: {np.mean(errors):.1f} of 255 levels on average")
    print(f"  {np.mean(np.stack(errors).max(-1) > 25):.1%} of the pixels are off by more than 25")
    captions = ["a red circle on white", "a blue square on the left", "a yellow star at night", "a green ring on sand"]
    alphas_cumprod = loading.make_scheduler("ddim").alphas_cumprod
    for timestep in (10, 100, 300, 500, 700, 900, 990):
        losses = []
        for seed, caption in enumerate(captions * 5):
            word = caption.split()
            source = Description((Words(word[2], word[1], None, None),), None)
            losses.append(
                training_loss(
                    image=pixel_values(sd.picture(source, seed)),
                    noise=sd.noise(seed),
                    timesteps=torch.tensor([timestep]),
                    text_embeddings=sd.embed([f"a {word[1]} {word[2]}"]),
                    alphas_cumprod=alphas_cumprod,
                )
            )
        print(f"timestep {timestep}: alpha-bar {alphas_cumprod[timestep]:.4f}, loss {torch.stack(losses).mean():.4f}")


def pipeline() -> None:
    """Draw the parts of text-to-image with the shapes of Stable Diffusion 1.5."""
    boxes = {
        "prompt": Box(1.0, 3.1, '"a red circle"\nand ""'),
        "tokenizer": Box(2.9, 3.1, "tokenizer", "rule", 1.2),
        "ids": Box(4.6, 3.1, "ids\n[2, 77]", width=1.1),
        "encoder": Box(6.4, 3.1, "text encoder", "model"),
        "states": Box(8.4, 3.1, "text embeddings\n[2, 77, 768]", width=1.6),
        "noise": Box(1.0, 1.55, "noise\n[1, 4, 64, 64]"),
        "latents": Box(3.1, 1.55, "latents\n[1, 4, 64, 64]"),
        "unet": Box(6.4, 1.55, "U-Net", "model", height=0.9),
        "guided": Box(8.4, 1.55, "noise prediction,\nguided", width=1.6),
        "step": Box(6.4, 0.42, "scheduler.step", "rule", 1.6, 0.5),
        "decoder": Box(3.1, 0.42, "decoder", "model", height=0.5),
        "picture": Box(1.0, 0.42, "picture\n[1, 3, 512, 512]"),
    }
    arrows = [
        Arrow("prompt", "tokenizer"),
        Arrow("tokenizer", "ids"),
        Arrow("ids", "encoder"),
        Arrow("encoder", "states"),
        Arrow("states", "unet", leaves="bottom", enters="top 0.3"),
        Arrow("noise", "latents", "times init_noise_sigma", at=(0.02, 0.42)),
        Arrow("latents", "unet", "twice, scale_model_input;\nand the timestep", at=(0, 0.24)),
        Arrow("unet", "guided"),
        Arrow("guided", "step", leaves="bottom", enters="right", bend=-0.2),
        Arrow(
            "step", "latents", "at every timestep", leaves="left", enters="bottom 0.4", bend=-0.15, at=(0.75, 0.08)
        ),
        Arrow(
            "latents", "decoder", "after the last one,\ndivided by the factor", leaves="bottom -0.3", enters="top -0.3",
            at=(-0.85, 0.03),
        ),
        Arrow("decoder", "picture", leaves="left", enters="right"),
    ]  # fmt: skip
    diagram(FOLDER / "pipeline.png", (9.4, 3.6), boxes, arrows)


if __name__ == "__main__":
    pipeline()
    numbers()
    channels()
    finished()
    between()
    loop()
    numbers_of_steps()
