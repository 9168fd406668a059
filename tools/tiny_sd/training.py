"""Make the tiny Stable Diffusion from nothing: `python -m tools.tiny_sd.training --out FOLDER`.

Two stages, an autoencoder and then U-Net and text encoder together, each saved at intervals in the working folder: a
run that was stopped goes on where it was, and ends at the same weights as one that was not. Nothing is downloaded; all
pictures come from `grader.tinyworld.drawing`.

What departs from Stable Diffusion's training, and why, is told in the model card (`tiny_sd/README.md`).
"""

import hashlib
import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import torch
import typer
from torch import Tensor, nn

from grader.tinyworld import drawing

CONTEXT_LENGTH = 24
TEXT_WIDTH = 64
TRAIN_TIMESTEPS = 1000


class Phase(NamedTuple):
    """A part of the U-Net's training: half of each batch has at least this timestep, a loss weighs at most this."""

    until: int
    least_timestep: int
    most_weight: float


# What is decided where the noise is strongest, places and pairs, is learned first, the shapes last.
PHASES = (Phase(2250, 600, 200.0), Phase(3500, 400, 20.0), Phase(1_000_000, 200, 4.0))
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.02, "beta_schedule": "scaled_linear"}


@dataclass(frozen=True)
class Settings:
    """All that decides the weights; a checkpoint made with other settings is refused.

    What is named after a stage concerns that stage alone.
    """

    seed: int = 0
    ema_decay: float = 0.999
    threads: int = 2
    autoencoder_steps: int = 4000
    autoencoder_pictures: int = 16000
    autoencoder_batch: int = 16
    autoencoder_rate: float = 2e-3
    unet_steps: int = 11000
    unet_steady: int = 6000  # the learning rate falls from here on
    unet_pictures: int = 30000
    unet_batch: int = 48
    unet_rate: float = 1e-3
    unet_latent_spread: float = 1.5
    unet_caption_dropout: float = 0.1
    unet_wrong_captions: float = 0.2


COMMON = ("seed", "ema_decay", "threads")


def build_tokenizer(folder: Path) -> Any:
    """Return a CLIP tokenizer, saved in `folder`: its words are the grammar's, its pieces can spell any other."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    merges = learn_merges(drawing.vocabulary())
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + "</w>" for letter in letters), *("".join(merge) for merge in merges)]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[special] = len(vocabulary)
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=CONTEXT_LENGTH)
    tokenizer.save_pretrained(folder)
    return CLIPTokenizer.from_pretrained(folder)


def learn_merges(words: list[str]) -> list[tuple[str, str]]:
    """Return the byte-pair merges, most frequent pair first, that make one piece of every word.

    Of pairs that are equally frequent the last in the alphabet comes first, so that every run learns the same ids.
    """
    spelled = [[*word[:-1], word[-1] + "</w>"] for word in words]
    merges: list[tuple[str, str]] = []
    while pairs := Counter(pair for pieces in spelled for pair in pairwise(pieces)):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        spelled = [_merged(pieces, best) for pieces in spelled]
    return merges


def _merged(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def build_text_encoder(tokenizer: Any) -> Any:
    """Return an untrained CLIP text encoder for the tokenizer."""
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        projection_dim=TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT_LENGTH,
        hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def build_autoencoder() -> Any:
    """Return an untrained autoencoder: 64 x 64 pixels to 16 x 16 latents of 4 channels."""
    from diffusers import AutoencoderKL

    channels = (16, 32, 64)
    return AutoencoderKL(
        sample_size=drawing.PICTURE_SIZE,
        latent_channels=4,
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        layers_per_block=1,
        norm_num_groups=4,
        mid_block_add_attention=False,  # what is painted in one corner shall not reach the other
    )


def build_unet() -> Any:
    """Return an untrained U-Net with cross-attention."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=drawing.PICTURE_SIZE // 4,
        in_channels=4,
        out_channels=4,
        block_out_channels=(48, 64, 96),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,  # the number of heads, as in Stable Diffusion's own configuration
    )


def to_tensor(scenes: list[drawing.Scene]) -> Tensor:
    """Return the drawn scenes as bytes, `[N, 3, 64, 64]`."""
    pictures = np.stack([np.asarray(drawing.draw(scene)) for scene in scenes])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()


def to_pixels(pictures: Tensor) -> Tensor:
    """Return bytes as pixels in [-1, 1]."""
    return pictures.float() / 127.5 - 1


@dataclass
class Stage:
    """One training run that can be stopped: weights, their running mean, optimiser, and where it is."""

    name: str
    model: nn.Module
    settings: Settings
    steps: int
    rate: float
    steady: int
    folder: Path

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.AdamW(self.model.parameters(), self.rate, betas=(0.9, 0.99), weight_decay=1e-3)
        self.mean = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.step = 0
        self.losses: list[float] = []
        self.seconds = 0.0

    @property
    def checkpoint(self) -> Path:
        """The file that the run is saved in."""
        return self.folder / f"{self.name}.pt"

    def run(self, loss_of: Callable[[torch.Generator], Tensor], every: int) -> None:
        """Train up to the last step; `loss_of` draws all it needs from the generator of its step."""
        self.restore()
        started = time.perf_counter() - self.seconds
        while self.step < self.steps:
            seed = self.settings.seed * 1_000_003 + self.step
            generator = torch.Generator().manual_seed(seed)
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate * self.share(self.step)
            loss = loss_of(generator)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.step += 1
            self.average()
            self.losses.append(loss.item())
            self.seconds = time.perf_counter() - started
            if self.step % 100 == 0 or self.step == self.steps:
                left = self.seconds / self.step * (self.steps - self.step)
                recent = sum(self.losses[-100:]) / len(self.losses[-100:])
                print(f"{self.name}: step {self.step} of {self.steps}, loss {recent:.4f}, {left / 60:.1f} minutes left",
                      flush=True)  # fmt: skip
            if self.step % every == 0 or self.step == self.steps:
                self.save()
                print(f"{self.name}: saved at step {self.step}", flush=True)
        self.model.load_state_dict(self.mean)
        self.model.eval().requires_grad_(False)

    def share(self, step: int) -> float:
        """Return the share of the learning rate: 200 steps of warm-up, steady, then a cosine down to a hundredth."""
        warm = min(200, max(1, self.steps // 10))
        if step < warm:
            return (step + 1) / warm
        steady = max(warm, self.steady)
        fallen = max(0, step - steady) / max(1, self.steps - steady)
        return 0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * fallen)))

    @torch.no_grad()
    def average(self) -> None:
        """Move the running mean of the weights a little towards the weights."""
        decay = min(self.settings.ema_decay, (1 + self.step) / (10 + self.step))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.mean[name].lerp_(value, 1 - decay)

    def made_alike(self, settings: dict[str, Any]) -> bool:
        """Tell whether a checkpoint of this stage was made with equal settings, other stages' apart."""
        own = {name: value for name, value in asdict(self.settings).items() if name in COMMON or self.name in name}
        return all(settings.get(name) == value for name, value in own.items())

    def save(self) -> None:
        """Write the checkpoint, all or nothing."""
        state = {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "losses": self.losses,
            "seconds": self.seconds,
        }
        partial = self.checkpoint.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def restore(self) -> None:
        """Go on from the checkpoint if there is one; raise `typer.BadParameter` if it is another run's."""
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, weights_only=True)
        if not self.made_alike(state["settings"]):
            raise typer.BadParameter(f"{self.folder} holds a run with other settings; give another --work folder.")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mean, self.step = state["mean"], state["step"]
        self.losses, self.seconds = state["losses"], state["seconds"]
        print(f"{self.name}: going on from step {self.step}", flush=True)


def train_autoencoder(settings: Settings, folder: Path, save_every: int) -> tuple[Any, Stage]:
    """Train on the squared and absolute error of pixels, with a slight pull of the latents to a normal distribution."""
    torch.manual_seed(settings.seed)
    autoencoder = build_autoencoder()
    stage = Stage(
        "autoencoder", autoencoder, settings, settings.autoencoder_steps, settings.autoencoder_rate, 0, folder
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
    settings: Settings, folder: Path, save_every: int, autoencoder: Any, tokenizer: Any
) -> tuple[Any, Any, Stage]:
    """Train on the noise-prediction loss, weighted towards strong noise: places and pairs are decided there."""
    torch.manual_seed(settings.seed + 1)
    unet, text_encoder = build_unet(), build_text_encoder(tokenizer)
    both = nn.ModuleDict({"unet": unet, "text_encoder": text_encoder})
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


@torch.no_grad()
def encode_all(autoencoder: Any, pictures: Tensor) -> Tensor:
    """Return the unscaled latents of pictures given as bytes."""
    return torch.cat([autoencoder.encode(to_pixels(part)).latent_dist.mode() for part in torch.split(pictures, 64)])


def tokenize(tokenizer: Any, captions: list[str]) -> Tensor:
    """Return token ids, `[N, 24]`, padded."""
    ids: Tensor = tokenizer(captions, padding="max_length", max_length=CONTEXT_LENGTH, return_tensors="pt").input_ids
    return ids


def assemble(out: Path, autoencoder: Any, unet: Any, text_encoder: Any, tokenizer: Any, made: dict[str, Any]) -> None:
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
    """Return the commit, where there is one, and a hash of the two files that decide the weights."""
    here = Path(__file__).parent
    source = b"".join(path.read_bytes() for path in (Path(drawing.__file__), Path(__file__)))
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=here, capture_output=True, text=True, check=False
    )
    return {"commit": commit.stdout.strip() or "unknown", "sha256": hashlib.sha256(source).hexdigest()}


def smoothed(losses: list[float], parts: int = 20) -> Iterator[float]:
    """Yield the mean losses of so many equal parts of a run."""
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
