"""Samples pictures from a Stable Diffusion: text to image, image to image and inpainting, by DDIM written out here."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import typer
from PIL import Image
from torch import Tensor

from grader.diffusion.loading import Components
from tools.tiny_sd.encoding import encode_all

STEPS = 25
GUIDANCE = 3.0
BATCH = 16


@dataclass
class Painter:
    """A pipeline's components, and the ways to sample from them.

    Latents are `[B, 4, h, w]`, scaled, as the U-Net sees them.
    """

    components: Components

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
        return int(self.components.unet.config.sample_size)

    def noise(self, number: int, seed: str) -> Tensor:
        """Draw noise for as many pictures, decided by `seed`."""
        generator = torch.Generator().manual_seed(random.Random(seed).getrandbits(48))
        return torch.randn(number, self.components.unet.config.in_channels, self.cells, self.cells, generator=generator)

    @torch.no_grad()
    def encode_text(self, captions: Sequence[str]) -> Tensor:
        """Return the text encoder's last hidden states, `[B, length, width]`."""
        tokenizer = self.components.tokenizer
        ids = tokenizer(list(captions), padding="max_length", truncation=True, return_tensors="pt").input_ids
        states: Tensor = self.components.text_encoder(ids).last_hidden_state
        return states

    @torch.no_grad()
    def encode(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Return the pictures' latents: the mode of their distribution, scaled."""
        pixels = np.stack([np.asarray(picture) for picture in pictures])
        latents = encode_all(self.components.vae, torch.from_numpy(pixels).permute(0, 3, 1, 2))
        scaled: Tensor = latents * self.components.vae.config.scaling_factor
        return scaled

    @torch.no_grad()
    def decode(self, latents: Tensor) -> list[Image.Image]:
        """Return the pictures of latents."""
        vae = self.components.vae
        batches = torch.split(latents / vae.config.scaling_factor, BATCH)
        pixels = torch.cat([vae.decode(batch).sample for batch in batches])
        array = pixels.add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
        return [Image.fromarray(picture) for picture in array]

    @torch.no_grad()
    def predict(self, x_t: Tensor, timestep: Tensor, text: Tensor, guidance: float) -> Tensor:
        """Predict the noise with classifier-free guidance: `uncond + guidance * (cond - uncond)`."""
        both = torch.cat([self.encode_text([""]).expand_as(text), text])
        noise_pred = self.components.unet(torch.cat([x_t, x_t]), timestep, encoder_hidden_states=both).sample
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
        scheduler = self.components.scheduler
        scheduler.set_timesteps(steps)
        timesteps = scheduler.timesteps[steps - min(int(steps * strength), steps) :]
        text = self.encode_text(captions)
        x_t = noise
        if start is not None and mask is None and strength != 1:
            x_t = scheduler.add_noise(start, noise, timesteps[:1])
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
