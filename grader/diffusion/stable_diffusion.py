"""The fixture `sd`: a Stable Diffusion as checks see it, with handles for the submission and oracles for the judge.

The oracles are diffusers' own pipelines on the same weights. They run in the judge and share nothing with a worker.
"""

from __future__ import annotations

import functools
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar
from unittest import mock

import diffusers
import torch

from grader.diffusion import loading  # before the pipelines: it silences what importing the pipelines says
from grader.diffusion.compatibility import shipped_rows_hold
from grader.diffusion.tolerances import OF_TINY, table
from grader.errors import GraderError
from grader.sandbox.wire.handles import Handle
from grader.tinyworld import drawing

from diffusers.pipelines.stable_diffusion import (  # isort: skip
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    pipeline_stable_diffusion_img2img,
    pipeline_stable_diffusion_inpaint,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from pathlib import Path

    from PIL import Image
    from torch import Tensor

    from grader.diffusion.loading import LoadedModel
    from grader.diffusion.tolerances import Quantity

GUIDANCE_SCALE = 3.0
MOST_REMEMBERED = 256  # answers, of a few kilobytes each with the tiny model
P = ParamSpec("P")
T = TypeVar("T")


def _remembered(
    oracle: Callable[Concatenate[StableDiffusion, P], Tensor],
) -> Callable[Concatenate[StableDiffusion, P], Tensor]:
    """Compute an answer once: checks ask an oracle the same questions for every submission."""

    @functools.wraps(oracle)
    def answer(sd: StableDiffusion, /, *arguments: P.args, **keywords: P.kwargs) -> Tensor:
        asked = oracle.__name__, *map(_frozen, arguments), *sorted((name, _frozen(v)) for name, v in keywords.items())
        remembered: Tensor = sd.once(asked, lambda: oracle(sd, *arguments, **keywords))
        return remembered.clone()  # a caller may write into it

    return answer


def _frozen(argument: Any) -> Any:
    """Return a key that is equal for arguments that are equal to the bit, and for no others."""
    if isinstance(argument, torch.Tensor):
        data = argument.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        return argument.dtype, argument.shape, data.numpy().tobytes()
    return type(argument), tuple(argument) if isinstance(argument, list) else argument


class StableDiffusion:
    """Handles of a model's components, pictures and prompts for it, and the results of diffusers' pipelines.

    The model (`choice`) is the tiny one or a real one. Its networks may compute on any device and in any precision;
    what goes in and comes out is float32 on the CPU.

    Latents are `[B, 4, h, w]` and scaled, as the U-Net sees them; noise has their shape; a mask is `[1, 1, h, w]`, at
    latent size, 1 = repaint. A kind of scheduler is "ddim", "dpm++" or "euler", or with the spacing of its timesteps,
    "euler, leading". Guidance scales are above 1, because the pipelines switch guidance off at 1 and below.
    """

    unet = Handle("unet", {})
    vae = Handle("vae", {})
    text_encoder = Handle("text_encoder", {})
    tokenizer = Handle("tokenizer", {})

    def __init__(self, model: LoadedModel, course: Path | None = None) -> None:
        """Make it of a loaded model; `course` is the folder whose measured tolerances hold for a real one."""
        torch.set_num_threads(1)  # as in the workers: equal computations are equal to the bit
        loaded = model.components
        self.choice = model.choice
        self._course = course
        self._shipped_rows_hold = shipped_rows_hold(model.choice.folder)
        self._make_scheduler = model.make_scheduler
        self.digests = model.digests
        self.answers: dict[Any, Any] = {}  # of oracles, by what was asked
        self._pipeline = StableDiffusionPipeline(
            vae=loaded.vae,
            text_encoder=loaded.text_encoder,
            tokenizer=loaded.tokenizer,
            unet=loaded.unet,
            scheduler=loaded.scheduler,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        self.scale_factor = int(self._pipeline.vae_scale_factor)
        side = self.choice.pixels // self.scale_factor or loaded.unet.config.sample_size
        self.latent_shape = (loaded.unet.config.in_channels, side, side)

    def tolerance(self, run: Mapping[str, Any], quantity: Quantity = "latents") -> float:
        """Return how far a right result may be from the pipeline's, by `distance`; a picture counts from 0 to 1.

        `run` are the arguments of the call, of which the number of steps counts. For the tiny model it is what
        `OF_TINY` says, for a real one what was measured on its device and in its dtype.

        Raises:
            NotAskedError: nothing was measured for so many steps, or right and wrong cannot be told apart there.
        """
        if self.choice.is_tiny:
            return OF_TINY[quantity]
        known = table(self._course).for_weights(shipped=self._shipped_rows_hold)
        return known.tolerance(self.choice.kind, self.choice.dtype, quantity, run.get("num_inference_steps", 0))

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """Return what `compute` returns, computed once for all submissions: nobody may write into it."""
        if key not in self.answers:
            if len(self.answers) >= MOST_REMEMBERED:
                del self.answers[next(iter(self.answers))]  # the oldest
            self.answers[key] = compute()
        known: T = self.answers[key]
        return known

    # --- what the submission gets ---

    def scheduler(self, kind: str = "ddim") -> Handle:
        """Return the handle of a scheduler; every call of the submission gets a fresh one."""
        return Handle("scheduler", {"kind": kind})

    def timesteps(self, num_inference_steps: int, kind: str = "ddim") -> list[float]:
        """Return the timesteps that a scheduler of that kind visits, from the noisiest to the least noisy."""
        made = self._make_scheduler(kind)
        made.set_timesteps(num_inference_steps)
        return [float(timestep) for timestep in made.timesteps]

    # --- pictures, noise and prompts ---

    def picture(self, caption: drawing.Description | None = None, seed: int = 0) -> Image.Image:
        """Return a drawn picture of a description (None: of a random one), as large as the model's own."""
        rng = random.Random(seed)
        drawn = drawing.draw(drawing.scene_of(caption or drawing.random_description(rng), rng))
        side = self.latent_shape[-1] * self.scale_factor
        return drawn if drawn.size == (side, side) else drawn.resize((side, side))

    @_remembered
    def latents(self, seed: int = 0, caption: drawing.Description | None = None) -> Tensor:
        """Return the latents of a drawn picture, `[1, 4, h, w]`."""
        return self.encode(self.picture(caption, seed))

    def noise(self, seed: int = 0, batch: int = 1) -> Tensor:
        """Return normal noise, `[batch, 4, h, w]`."""
        return torch.randn(batch, *self.latent_shape, generator=torch.Generator().manual_seed(seed))

    def prompt(self, text: str, guidance_scale: float = GUIDANCE_SCALE, batch: int = 1) -> dict[str, Any]:
        """Return the arguments that stand for a prompt: `text_embeddings` `[2B, L, D]` and `guidance_scale`.

        The unconditional half, of the empty prompt, comes first.
        """
        embeddings = self.embed(["", text])
        return {"text_embeddings": embeddings.repeat_interleave(batch, 0), "guidance_scale": guidance_scale}

    def token_ids(self, text: str) -> list[int]:
        """Return the ids of a text's pieces, without start, end and padding."""
        return list(self._pipeline.tokenizer(text, add_special_tokens=False).input_ids)

    @_remembered
    @torch.no_grad()
    def embed(self, texts: list[str]) -> Tensor:
        """Return the text encoder's last hidden states, `[len(texts), L, D]`."""
        tokenizer = self._pipeline.tokenizer
        ids = tokenizer(
            texts, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
        ).input_ids
        embeddings: Tensor = self._pipeline.text_encoder(ids)[0]
        return embeddings

    @torch.no_grad()
    def encode(self, picture: Image.Image) -> Tensor:
        """Return the scaled latents of a picture, prepared by the pipeline's own image processor."""
        vae = self._pipeline.vae
        pixels = self._pipeline.image_processor.preprocess(picture)
        latents: Tensor = vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
        return latents

    @torch.no_grad()
    def decode(self, latents: Tensor) -> Image.Image:
        """Return the picture of the first of some scaled latents, finished by the pipeline's own image processor."""
        vae = self._pipeline.vae
        pixels = vae.decode(latents[:1] / vae.config.scaling_factor).sample
        picture: Image.Image = self._pipeline.image_processor.postprocess(pixels, output_type="pil")[0]
        return picture

    @torch.no_grad()
    def predictions(self, sample: Tensor, timestep: Tensor | int, text_embeddings: Tensor) -> tuple[Tensor, Tensor]:
        """Return the noise that the judge's own U-Net predicts for `x_t` without the prompt and with it."""
        both = self._pipeline.unet(torch.cat([sample, sample]), timestep, encoder_hidden_states=text_embeddings)
        without, told = both.sample.chunk(2)
        return without, told

    # --- oracles ---

    @_remembered
    def text_to_image(
        self,
        latents: Tensor,
        num_inference_steps: int,
        text_embeddings: Tensor,
        guidance_scale: float = GUIDANCE_SCALE,
        kind: str = "ddim",
    ) -> Tensor:
        """Return the latents that `StableDiffusionPipeline` makes from noise (not yet scaled by `init_noise_sigma`)."""
        return self._run(
            self._pipeline,
            latents=latents.clone(),
            num_inference_steps=num_inference_steps,
            **_halves(text_embeddings),
            guidance_scale=guidance_scale,
            kind=kind,
        )

    @_remembered
    def img2img(
        self,
        z_0: Tensor,
        noise: Tensor,
        strength: float,
        num_inference_steps: int,
        text_embeddings: Tensor,
        guidance_scale: float = GUIDANCE_SCALE,
        kind: str = "ddim",
    ) -> Tensor:
        """Return the latents that `StableDiffusionImg2ImgPipeline` makes of `z_0`.

        At strength 1 it still keeps what the schedule's last alpha-bar leaves of `z_0`.
        """
        with _drawing_noise(pipeline_stable_diffusion_img2img, noise):
            return self._run(
                self._img2img,
                image=z_0,
                strength=strength,
                num_inference_steps=num_inference_steps,
                **_halves(text_embeddings),
                guidance_scale=guidance_scale,
                kind=kind,
            )

    @_remembered
    def inpaint(
        self,
        z_0: Tensor,
        mask: Tensor,
        noise: Tensor,
        strength: float,
        num_inference_steps: int,
        text_embeddings: Tensor,
        guidance_scale: float = GUIDANCE_SCALE,
        kind: str = "ddim",
    ) -> Tensor:
        """Return the latents that `StableDiffusionInpaintPipeline` makes of `z_0` inside the mask."""
        pixel_mask = mask.repeat_interleave(self.scale_factor, 2).repeat_interleave(self.scale_factor, 3)
        with _drawing_noise(pipeline_stable_diffusion_inpaint, noise):
            return self._run(
                self._inpaint,
                image=z_0,
                mask_image=pixel_mask,
                masked_image_latents=z_0,
                height=pixel_mask.shape[2],
                width=pixel_mask.shape[3],
                strength=strength,
                num_inference_steps=num_inference_steps,
                **_halves(text_embeddings),
                guidance_scale=guidance_scale,
                kind=kind,
            )

    def asked(self, oracle: str, **run: Any) -> list[tuple[float, Tensor]]:
        """Return what the U-Net is asked in an oracle's run, call by call: timestep and sample.

        `oracle` is the name of one of the methods above, and `run` what it is called with.
        """
        calls: list[tuple[float, Tensor]] = []

        def note(_unet: Any, given: tuple[Any, ...], _named: dict[str, Any]) -> None:
            sample, timestep = given[:2]
            calls.append((float(timestep), sample.detach().float().cpu().clone()))

        hook = self._pipeline.unet.register_forward_pre_hook(note, with_kwargs=True)
        try:
            getattr(type(self), oracle).__wrapped__(self, **run)
        finally:
            hook.remove()
        return calls

    @functools.cached_property
    def _img2img(self) -> Any:
        return StableDiffusionImg2ImgPipeline(**self._pipeline.components, requires_safety_checker=False)

    @functools.cached_property
    def _inpaint(self) -> Any:
        return StableDiffusionInpaintPipeline(**self._pipeline.components, requires_safety_checker=False)

    @torch.no_grad()
    def _run(self, pipeline: Any, *, kind: str, **arguments: Any) -> Tensor:
        pipeline.scheduler = self._make_scheduler(kind)
        pipeline.set_progress_bar_config(disable=True)
        latents: Tensor = pipeline(**arguments, output_type="latent").images
        return latents


def _halves(text_embeddings: Tensor) -> dict[str, Tensor]:
    unconditional, conditional = text_embeddings.chunk(2)
    return {"negative_prompt_embeds": unconditional, "prompt_embeds": conditional}


@contextmanager
def _drawing_noise(module: Any, noise: Tensor) -> Iterator[None]:
    """Replace the noise that a pipeline draws by the given noise."""
    with mock.patch.object(module, "randn_tensor", return_value=noise.clone()) as draw:
        yield
    if not draw.called:
        raise GraderError(
            f"{module.__name__} of diffusers {diffusers.__version__} did not draw its noise with `randn_tensor`, so "
            "its result cannot be compared with. Install the version of diffusers that constraints.txt names."
        )


def stable_diffusion(model: LoadedModel | None = None, course: Path | None = None) -> StableDiffusion:
    """Return the one `StableDiffusion` of a model, or of the model in use in this process, for a course's checks."""
    return _of(model or loading.in_use(), course)


@functools.cache
def _of(model: LoadedModel, course: Path | None) -> StableDiffusion:
    return StableDiffusion(model, course)
