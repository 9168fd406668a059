"""Make the tiny Stable Diffusion from nothing: `python -m tools.tiny_sd.training --out FOLDER`.

Two stages, an autoencoder and then U-Net and text encoder together, each saved at intervals in the working folder: a
run that was stopped goes on where it was, and ends at the same weights as one that was not. Nothing is downloaded; all
pictures come from `grader.tinyworld.drawing`.

The model card (`grader/diffusion/tiny_sd/README.md`) says what departs from Stable Diffusion's training, and why.
"""

import hashlib
import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import torch
import typer
from torch import Tensor, nn

from grader.diffusion.protocols import Autoencoder, TextEncoder, Tokenizer, UNet
from grader.tinyworld import drawing
from tools.tiny_sd.components import CONTEXT_LENGTH, build_autoencoder, build_text_encoder, build_tokenizer, build_unet
from tools.tiny_sd.encoding import encode_all, to_pixels, to_tensor
from tools.tiny_sd.settings import PHASES, SCHEDULE, TRAIN_TIMESTEPS, Settings
from tools.tiny_sd.stage import Stage

_DECIDING = ("components.py", "encoding.py", "settings.py", "stage.py")  # what this module trains with


def train_autoencoder(settings: Settings, folder: Path, save_every: int) -> tuple[Autoencoder, Stage]:
    """Train on the squared and absolute error of pixels, with a slight pull of the latents to a normal distribution."""
    torch.manual_seed(settings.seed)
    autoencoder = build_autoencoder()
    stage = Stage(
        "autoencoder",
        cast("nn.Module", autoencoder),
        settings,
        settings.autoencoder_steps,
        settings.autoencoder_rate,
        0,
        folder,
    )
    rng = random.Random(f"autoencoder {settings.seed}")
    scenes = [
        drawing.free_scene(rng) if index % 2 else drawing.random_example(rng)[0]
        for index in range(settings.autoencoder_pictures)
    ]
    pictures = to_tensor(scenes)

    def loss_of(generator: torch.Generator) -> Tensor:
        chosen = torch.randint(len(pictures), (settings.autoencoder_batch,), generator=generator)
        pixels = to_pixels(pictures[chosen])
        latents = autoencoder.encode(pixels).latent_dist
        error = autoencoder.decode(latents.sample(generator=generator)).sample - pixels
        loss: Tensor = (
            error.square().mean() + 0.3 * error.abs().mean() + 1e-4 * latents.kl().mean() / latents.mean[0].numel()
        )
        return loss

    stage.run(loss_of, save_every)
    return autoencoder, stage


def train_unet(
    settings: Settings, folder: Path, save_every: int, autoencoder: Autoencoder, tokenizer: Tokenizer
) -> tuple[UNet, TextEncoder, Stage]:
    """Train on the noise-prediction loss, weighted towards strong noise: places and pairs are decided there."""
    torch.manual_seed(settings.seed + 1)
    unet, text_encoder = build_unet(), build_text_encoder(tokenizer)
    both = nn.ModuleDict({"unet": cast("nn.Module", unet), "text_encoder": cast("nn.Module", text_encoder)})
    stage = Stage("unet", both, settings, settings.unet_steps, settings.unet_rate, settings.unet_steady, folder)
    rng = random.Random(f"unet {settings.seed}")
    examples = [drawing.random_example(rng) for _ in range(settings.unet_pictures)]
    latents = encode_all(autoencoder, to_tensor([scene for scene, _ in examples]))
    autoencoder.register_to_config(scaling_factor=round(settings.unet_latent_spread / latents.std().item(), 5))
    latents *= autoencoder.config.scaling_factor
    ids = tokenize(tokenizer, [caption for _, caption in examples])
    unconditional = tokenize(tokenizer, [""])
    alphas_cumprod = train_alphas_cumprod()
    snr = settings.unet_latent_spread**2 * alphas_cumprod / (1 - alphas_cumprod)

    def loss_of(generator: torch.Generator) -> Tensor:
        size = settings.unet_batch
        chosen = torch.randint(len(latents), (size,), generator=generator)
        z_0 = latents[chosen]
        noise = torch.randn(z_0.shape, generator=generator)
        timesteps = torch.randint(TRAIN_TIMESTEPS, (size,), generator=generator)
        phase = next(phase for phase in PHASES if stage.step < phase.until)
        noisy = torch.randint(phase.least_timestep, TRAIN_TIMESTEPS, (size,), generator=generator)
        timesteps[: size // 2] = noisy[: size // 2]
        others = torch.randint(len(latents), (size,), generator=generator)
        wrong = torch.rand(size, generator=generator) < settings.unet_wrong_captions * ((700 - timesteps) / 200).clamp(
            0, 1
        )
        captions = torch.where(wrong[:, None], ids[others], ids[chosen])
        dropped = torch.rand(size, generator=generator) < settings.unet_caption_dropout
        captions = torch.where(dropped[:, None], unconditional, captions)
        abar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
        z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * noise
        noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_encoder(captions).last_hidden_state).sample
        error = (noise_pred - noise).square().mean(dim=(1, 2, 3))
        loss: Tensor = ((1 / snr[timesteps]).clamp(1, phase.most_weight) * error).mean()
        return loss

    stage.run(loss_of, save_every)
    return unet, text_encoder, stage


def train_alphas_cumprod() -> Tensor:
    """Return the schedule that the U-Net is trained on, `[1000]`."""
    from diffusers import DDPMScheduler

    alphas_cumprod: Tensor = DDPMScheduler(num_train_timesteps=TRAIN_TIMESTEPS, **SCHEDULE).alphas_cumprod
    return alphas_cumprod


def tokenize(tokenizer: Tokenizer, captions: list[str]) -> Tensor:
    """Return token ids, `[N, 24]`, padded."""
    ids: Tensor = tokenizer(captions, padding="max_length", max_length=CONTEXT_LENGTH, return_tensors="pt").input_ids
    return ids


def assemble(
    out: Path,
    autoencoder: Autoencoder,
    unet: UNet,
    text_encoder: TextEncoder,
    tokenizer: Tokenizer,
    made: dict[str, Any],
) -> None:
    """Write the pipeline's folder, weights in half precision, and how it was made."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    scheduler = DDIMScheduler(
        num_train_timesteps=TRAIN_TIMESTEPS,
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        timestep_spacing="trailing",
        **SCHEDULE,
    )
    pipeline = StableDiffusionPipeline(
        vae=autoencoder.half(),
        text_encoder=text_encoder.half(),
        tokenizer=tokenizer,
        unet=unet.half(),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(out, safe_serialization=True)
    # Without this, transformers loads the text encoder in half precision and diffusers the rest in single.
    config = out / "text_encoder" / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "dtype": "float32"}, indent=2) + "\n")
    (out / "training.json").write_text(json.dumps(made, indent=2) + "\n")


def code_version() -> dict[str, str]:
    """Return the commit, where there is one, and a hash of the files that decide the weights."""
    here = Path(__file__).parent
    deciding = [Path(drawing.__file__), Path(__file__), *(here / name for name in _DECIDING)]
    source = b"".join(path.read_bytes() for path in deciding)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=here, capture_output=True, text=True, check=False
    )
    return {"commit": commit.stdout.strip() or "unknown", "sha256": hashlib.sha256(source).hexdigest()}


def smoothed(losses: list[float], parts: int = 20) -> Iterator[float]:
    """Yield the mean losses of `parts` equal parts of a run."""
    for part in np.array_split(np.asarray(losses), min(parts, len(losses))):
        yield round(float(part.mean()), 4)


def main(
    out: Annotated[Path, typer.Option(help="The folder to write the pipeline to.")],
    work: Annotated[Path, typer.Option(help="Where the run is saved as it goes, to go on from.")] = Path(
        "build/tiny_sd"
    ),
    seed: int = 0,
    autoencoder_steps: int = Settings.autoencoder_steps,
    autoencoder_pictures: int = Settings.autoencoder_pictures,
    unet_steps: int = Settings.unet_steps,
    unet_pictures: int = Settings.unet_pictures,
    threads: int = Settings.threads,
    save_every: Annotated[int, typer.Option(help="Steps between two checkpoints.")] = 250,
) -> None:
    """Train the tiny Stable Diffusion from nothing."""
    settings = Settings(
        seed=seed,
        autoencoder_steps=autoencoder_steps,
        autoencoder_pictures=autoencoder_pictures,
        unet_steps=unet_steps,
        unet_pictures=unet_pictures,
        threads=threads,
    )
    torch.set_num_threads(threads)
    work.mkdir(parents=True, exist_ok=True)
    version = code_version()
    tokenizer = build_tokenizer(work / "tokenizer")
    autoencoder, first = train_autoencoder(settings, work, save_every)
    unet, text_encoder, second = train_unet(settings, work, save_every, autoencoder, tokenizer)
    made = {
        "command": f"python -m tools.tiny_sd.training --out FOLDER --seed {seed}",
        "settings": asdict(settings),
        "code": version,
        "torch": torch.__version__,
        "minutes": {"autoencoder": round(first.seconds / 60, 1), "unet": round(second.seconds / 60, 1)},
        "losses": {"autoencoder": list(smoothed(first.losses)), "unet": list(smoothed(second.losses))},
    }
    assemble(out, autoencoder, unet, text_encoder, tokenizer, made)
    print(f"Written to {out}.")


if __name__ == "__main__":
    typer.run(main)
