"""A whole run on a real model, in the judge: the exercise's function takes one part of every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exercises._shared._model import prompt_of
from grader.checks.assertions import assert_close, assert_far
from grader.diffusion.loading import make_scheduler

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch

    from grader.diffusion.stable_diffusion import StableDiffusion

STEPS = 4


def guided(without: torch.Tensor, told: torch.Tensor, scale: float) -> torch.Tensor:
    """Return the guided prediction."""
    return without + scale * (told - without)


def assert_run_ends_right(
    sd: StableDiffusion,
    sentence: str,
    *,
    step: Callable[[torch.Tensor, torch.Tensor, int, int, torch.Tensor], torch.Tensor] | None = None,
    guide: Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor] = guided,
) -> None:
    """Raise `CheckFailure` unless a run with these parts ends where StableDiffusionPipeline does under DDIM.

    `step` is called as `ddim_step`: latents, prediction, timestep, the next one, alpha-bars. By default the
    scheduler's own step is taken.
    """
    __tracebackhide__ = True
    prompt, latents = prompt_of(sd, 1), sd.noise(2)
    run: dict[str, Any] = {"num_inference_steps": STEPS, **prompt}
    scheduler: Any = make_scheduler("ddim")
    scheduler.set_timesteps(STEPS)
    alphas, timesteps = scheduler.alphas_cumprod, [int(timestep) for timestep in scheduler.timesteps]
    # Stable Diffusion's own last leap ends at the first alpha-bar, and not at 1.
    end = 0 if scheduler.final_alpha_cumprod == alphas[0] else -1
    expected = sd.text_to_image(latents, **run)
    assert_far(expected, latents, 0.01)  # otherwise this check proves nothing
    for timestep in timesteps:
        leap = timestep - len(alphas) // STEPS
        halves = sd.predictions(latents, timestep, prompt["text_embeddings"])
        noise_pred = guide(*halves, prompt["guidance_scale"])
        if step is None:
            latents = scheduler.step(noise_pred, timestep, latents).prev_sample
        else:
            latents = step(latents, noise_pred, timestep, leap if leap >= 0 else end, alphas)
    assert_close(latents, expected, sentence, tolerance=sd.tolerance(run))
