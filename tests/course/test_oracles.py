"""The checks' second algebraic forms, and the solutions, against diffusers and torch's own optimizer."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from exercises._shared import _schedules
from exercises._shared._adamw import AdamW
from exercises.img2img_and_inpainting.checks import _strengths
from exercises.sampling_and_generation.checks import _steps
from grader.checks import assert_close, assert_far
from grader.checks import strategies as draw
from helpers.course_files import load

ROOT = Path(__file__).parents[2]
X_T, NOISE_PRED = draw.random_tensors(2, (2, 3, 4, 4), torch.float32, seed=0)


# --- reverse_step ------------------------------------------------------------------------------------------------

STEPS: list[tuple[_schedules.Schedule, int]] = [
    ("linear", 0),
    ("linear", 1),
    ("linear", 500),
    ("linear", 999),
    ("scaled_linear", 0),
    ("scaled_linear", 999),
]


@pytest.mark.parametrize(("schedule", "timestep"), STEPS)
def test_reverse_step_is_the_ddpm_schedulers(diffusers: Any, schedule: _schedules.Schedule, timestep: int) -> None:
    solution = load("reference", "sampling_and_generation", "reverse_step", "solution.py")
    betas = _schedules.make_betas(schedule, 1000).float()
    scheduler = diffusers.DDPMScheduler(
        trained_betas=betas.numpy(), variance_type="fixed_large", clip_sample=False, prediction_type="epsilon"
    )
    z = torch.randn(X_T.shape, generator=torch.Generator().manual_seed(7))
    generator = torch.Generator().manual_seed(7)
    expected = scheduler.step(NOISE_PRED, timestep, X_T, generator=generator).prev_sample
    step = _steps.Step(X_T, NOISE_PRED, timestep, betas, z)
    actual = solution.reverse_step(*step)
    assert_far(expected, X_T, least=1e-3)
    assert_close(actual, expected, "One step must equal diffusers'.", tolerance=step.tolerance)


@pytest.mark.parametrize(("schedule", "start", "end"), [("linear", 1e-4, 0.02), ("scaled_linear", 0.00085, 0.012)])
def test_schedules_are_the_ddpm_schedulers(
    diffusers: Any, schedule: _schedules.Schedule, start: float, end: float
) -> None:
    scheduler = diffusers.DDPMScheduler(1000, beta_schedule=schedule, beta_start=start, beta_end=end)
    assert_close(
        _schedules.make_betas(schedule, 1000).float(), scheduler.betas, "The betas must be diffusers'.", tolerance=1e-7
    )


# --- strength_to_t_start -----------------------------------------------------------------------------------------


def pipelines_start(diffusers: Any, strength: float, num_inference_steps: int) -> int:
    """Return where diffusers' img2img starts, asked without a model: only the list of timesteps matters."""
    timesteps = list(range(num_inference_steps))
    stand_in = SimpleNamespace(scheduler=SimpleNamespace(timesteps=timesteps, order=1))
    get_timesteps = diffusers.StableDiffusionImg2ImgPipeline.get_timesteps
    count: int
    remaining, count = get_timesteps(stand_in, num_inference_steps, strength, "cpu")
    assert len(remaining) == count
    return num_inference_steps - count


@pytest.mark.parametrize("num_inference_steps", [1, 2, 3, 7, 20, 50, 100, 999])
def test_start_is_the_img2img_pipelines(diffusers: Any, num_inference_steps: int) -> None:
    solution = load("reference", "img2img_and_inpainting", "strength_to_t_start", "solution.py")
    for percent in range(101):
        strength = percent / 100
        expected = pipelines_start(diffusers, strength, num_inference_steps)
        assert solution.strength_to_t_start(strength, num_inference_steps) == expected


@pytest.mark.parametrize("num_inference_steps", [3, 7, 20, 50, 100, 1000])
def test_whole_steps_of_a_partial_run_are_what_the_pipeline_runs(diffusers: Any, num_inference_steps: int) -> None:
    for whole in range(1, num_inference_steps):
        for part in (_strengths.NEAREST_PART, 0.49, 0.51, 1 - _strengths.NEAREST_PART):
            strength = round((whole + part) / num_inference_steps, 9)
            assert pipelines_start(diffusers, strength, num_inference_steps) == num_inference_steps - whole


def test_the_pipeline_is_at_most_one_index_beside_a_tie(diffusers: Any) -> None:
    for num_inference_steps in range(2, 101):
        for whole in range(1, num_inference_steps):
            start = pipelines_start(diffusers, whole / num_inference_steps, num_inference_steps)
            assert start in (num_inference_steps - whole, num_inference_steps - whole + 1)


# --- combine_masked ----------------------------------------------------------------------------------------------


class Recorded:
    """What an inpainting pipeline's scheduler was last asked for: the step's result, and the re-noised original."""

    def __init__(self, scheduler: Any) -> None:
        self.denoised = self.original = torch.empty(0)
        step, add_noise = scheduler.step, scheduler.add_noise

        def recorded_step(*arguments: Any, **options: Any) -> Any:
            result = step(*arguments, **options)
            self.denoised = result[0]
            return result

        def recorded_add_noise(*arguments: Any, **options: Any) -> Any:
            self.original = add_noise(*arguments, **options)
            return self.original

        scheduler.step, scheduler.add_noise = recorded_step, recorded_add_noise


def tiny_inpainting_pipeline(diffusers: Any) -> Any:
    """Return an untrained inpainting pipeline: what its model paints does not matter, only how it is combined."""
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 8), layers_per_block=1, cross_attention_dim=8, norm_num_groups=4,
        attention_head_dim=4, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(
        block_out_channels=(8, 8), norm_num_groups=4, latent_channels=4, sample_size=16,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip
    pipeline = diffusers.StableDiffusionInpaintPipeline(
        vae=vae, unet=unet, scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        text_encoder=None, tokenizer=None, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def test_combining_is_the_inpainting_pipelines(diffusers: Any) -> None:
    pipeline = tiny_inpainting_pipeline(diffusers)
    recorded = Recorded(pipeline.scheduler)
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 4:12, :6] = 1.0
    solution = load("reference", "img2img_and_inpainting", "combine_masked", "solution.py")
    compared = []

    def compare(_: Any, index: int, timestep: Any, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        if timestep != pipeline.scheduler.timesteps[-1]:  # the last step combines with the clean original
            inputs = (mask[..., ::2, ::2], recorded.denoised, recorded.original)
            assert_far(recorded.denoised, recorded.original, least=0.1)
            actual = solution.combine_masked(*inputs)
            assert_close(actual, tensors["latents"], "Combining must equal diffusers'.", tolerance=1e-6)
            compared.append(index)
        return tensors

    pipeline(
        image=torch.rand(1, 3, 16, 16), mask_image=mask, strength=0.8, num_inference_steps=5, guidance_scale=1.0,
        prompt_embeds=torch.randn(1, 4, 8), output_type="latent", callback_on_step_end=compare,
        generator=torch.Generator().manual_seed(0), height=16, width=16,
    )  # fmt: skip
    assert compared == [0, 1, 2]


# --- restore_rows ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", draw.DTYPES)
def test_adamw_is_torchs(dtype: torch.dtype) -> None:
    start, *gradients = draw.random_tensors(7, (4, 3), dtype, seed=0)
    ours, theirs = torch.nn.Parameter(start.clone()), torch.nn.Parameter(start.clone())
    optimizers = (
        AdamW(ours, learning_rate=0.1, weight_decay=0.2),
        torch.optim.AdamW([theirs], lr=0.1, weight_decay=0.2),
    )
    for gradient in gradients:
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        for optimizer in optimizers:
            optimizer.step()
    assert_far(ours, start, least=0.1)
    assert_close(ours, theirs.detach(), "Our AdamW must move as torch's.", tolerance=1e-6)


def test_adamw_moves_rows_without_a_gradient() -> None:
    table = torch.nn.Parameter(torch.ones(2, 1))
    table.grad = torch.tensor([[1.0], [0.0]])
    AdamW(table, learning_rate=0.1, weight_decay=0.2).step()
    assert_close(table[1], torch.tensor([0.98]), "Weight decay alone must move the second row.")
