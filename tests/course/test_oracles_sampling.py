"""The solutions of the lessons on sampling and latents, against diffusers and torch."""

import math
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings

from exercises._shared import _schedules
from exercises._shared._schedules import make_alphas_cumprod
from exercises.from_pixels_to_latents.checks import _latents as looked_at
from exercises.sampling_and_generation.checks import _noising as noised
from grader.checks import CheckFailure, assert_close, assert_far
from grader.checks import strategies as draw
from helpers.course_files import load

LESSON = "sampling_and_generation"
NAMES = {"linear": "linear", "scaled_linear": "scaled_linear", "cosine": "squaredcos_cap_v2"}
ENDS = {"linear": (1e-4, 0.02), "scaled_linear": (0.00085, 0.012), "cosine": (1e-4, 0.02)}
LENGTHS = [2, 3, 10, 50, 1000]
# No deadline and no health check: how fast a machine draws is not what these tests ask.
many = settings(
    max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
PICTURE, NOISE = draw.random_tensors(2, (4, 3, 4, 4), torch.float32, seed=0)


def checks(name: str) -> ModuleType:
    return load("exercises", LESSON, "checks", f"test_{name}.py")


def solution(name: str) -> ModuleType:
    return load("reference", LESSON, name, "solution.py")


def ddpm(diffusers: Any, schedule: str, length: int) -> Any:
    """Return diffusers' scheduler of that many steps; its cosine is limited to 0.999, as ours."""
    start, end = ENDS[schedule]
    return diffusers.DDPMScheduler(length, beta_schedule=NAMES[schedule], beta_start=start, beta_end=end)


# --- noise_schedule ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("schedule", list(NAMES))
def test_schedules_are_the_ddpm_schedulers(diffusers: Any, schedule: str, length: int) -> None:
    expected = ddpm(diffusers, schedule, length).betas
    betas = solution("noise_schedule").noise_schedule(length, schedule)
    assert_close(betas, expected, "The solution must give diffusers' betas.", tolerance=1e-7)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("schedule", list(NAMES))
def test_alpha_bars_are_the_ddpm_schedulers(diffusers: Any, schedule: str, length: int) -> None:
    scheduler = ddpm(diffusers, schedule, length)
    actual = solution("noise_schedule").alphas_cumprod(scheduler.betas)
    assert_close(actual, scheduler.alphas_cumprod, "alpha-bar must be diffusers'.", tolerance=1e-6)


@pytest.mark.parametrize("kind", ["linear", "scaled_linear"])
def test_drawn_alpha_bars_are_the_ddpm_schedulers(diffusers: Any, kind: _schedules.Schedule) -> None:
    expected = ddpm(diffusers, kind, 1000).alphas_cumprod
    actual = make_alphas_cumprod(kind, 1000).float()
    assert_close(actual, expected, "The alpha-bars that checks draw must be diffusers'.", tolerance=1e-6)


@pytest.mark.parametrize("length", [1, 3, 8])
def test_free_alpha_bars_fall_between_their_bounds(length: int) -> None:
    for seed in range(200):
        alpha_bars = noised.free_alpha_bars(length, seed)
        assert bool((alpha_bars >= 0.01).all())
        assert bool((alpha_bars <= 0.99).all())
        assert bool((alpha_bars.diff() < 0).all())


# --- what checks draw and read -----------------------------------------------------------------------------------

THREE = ("scale", "noise_coefficient", "sigma")


def test_numbers_of_every_kind_are_read() -> None:
    numbers = (1, np.float32(0.5), torch.tensor(0.25, dtype=torch.float64))
    assert noised.assert_numbers(numbers, THREE).tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    ("result", "sentence"),
    [
        (None, "The result is None"),
        (torch.ones(3), "The result is of type Tensor"),
        ((1.0, 2.0), "The result holds 2 values"),
        ((1.0, torch.ones(1), 2.0), "noise_coefficient is of type Tensor; it must be a float."),
        ((1.0, True, 2.0), "noise_coefficient is of type bool; it must be a float."),
        ((1.0, 2.0, math.inf), "sigma is inf. Look for a division by zero"),
        ([1.0, 2.0, math.nan], "sigma is nan. Look for a division by zero"),
    ],
)
def test_what_is_no_tuple_of_numbers_is_refused(result: object, sentence: str) -> None:
    with pytest.raises(CheckFailure) as failure:
        noised.assert_numbers(result, THREE)
    assert failure.value.sentence.startswith(sentence)


@many
@given(leap=noised.leaps(least_leap=2))
def test_leaps_go_down_within_the_schedule(leap: noised.Leap) -> None:
    assert -1 <= leap.prev_timestep <= leap.timestep - 2
    assert leap.timestep < len(leap.alphas_cumprod)


@many
@given(case=noised.noisings())
def test_every_picture_gets_a_timestep_of_the_schedule(case: noised.Noising) -> None:
    assert case.timesteps.shape == case.x_0.shape[:1]
    assert int(case.timesteps.max()) < len(case.alphas_cumprod)


@many
@given(latents=looked_at.varied_latents())
def test_every_channel_of_drawn_latents_is_spread(latents: torch.Tensor) -> None:
    flat = latents[0].flatten(1)
    assert flat.shape[1] >= 2
    assert bool((flat.amax(1) - flat.amin(1) >= looked_at.LEAST_SPREAD - 1e-5).all())


# --- add_noise and predict_x0 ------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", list(NAMES))
def test_add_noise_is_the_ddpm_schedulers(diffusers: Any, schedule: str) -> None:
    scheduler = ddpm(diffusers, schedule, 1000)
    timesteps = torch.tensor([999, 0, 500, 50])
    expected = scheduler.add_noise(PICTURE, NOISE, timesteps)
    assert_far(expected, PICTURE, least=0.5)
    actual = solution("add_noise").add_noise(PICTURE, NOISE, timesteps, scheduler.alphas_cumprod)
    assert_close(actual, expected, "Noised pictures must be diffusers'.", tolerance=1e-5)


@pytest.mark.parametrize("timestep", [0, 1, 50, 500, 950])
@pytest.mark.parametrize("schedule", list(NAMES))
def test_estimate_is_the_ddpm_schedulers(diffusers: Any, schedule: str, timestep: int) -> None:
    start, end = ENDS[schedule]
    scheduler = diffusers.DDPMScheduler(
        1000, beta_schedule=NAMES[schedule], beta_start=start, beta_end=end, clip_sample=False
    )
    expected = scheduler.step(NOISE, timestep, PICTURE).pred_original_sample
    case = noised.Estimate(PICTURE, NOISE, timestep, scheduler.alphas_cumprod)
    assert_far(expected, PICTURE, least=1e-3)
    actual = solution("predict_x0").predict_x0(*case)
    assert_close(actual, expected, "The estimate must be diffusers'.", tolerance=case.tolerance)


@pytest.mark.parametrize("timestep", [0, 300, 999])
def test_best_guess_is_the_mean_that_bayes_rule_gives(timestep: int) -> None:
    hidden = load("reference", LESSON, "predict_x0", "test_hidden.py")
    alpha_bar = make_alphas_cumprod("linear", 1000)[timestep]
    x_t = torch.linspace(-2, 2, 9, dtype=torch.float64)
    x_0 = torch.linspace(-3, 3, 60_001, dtype=torch.float64)
    prior = sum(torch.exp(-0.5 * ((x_0 - mode) / hidden.SPREAD) ** 2) for mode in (-1, 1))
    means = []
    for value in x_t:
        likelihood = torch.exp(-0.5 * (value - alpha_bar.sqrt() * x_0) ** 2 / (1 - alpha_bar))
        weight = prior * likelihood
        means.append((weight * x_0).sum() / weight.sum())
    expected = torch.stack(means)
    assert_close(hidden.best_guess(x_t, alpha_bar), expected, "The closed form must be Bayes' rule.", tolerance=1e-6)


# --- step_coefficients -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timestep", [0, 1, 50, 500, 950, 999])
@pytest.mark.parametrize("schedule", ["linear", "scaled_linear"])
def test_coefficients_are_the_ddpm_schedulers(diffusers: Any, schedule: str, timestep: int) -> None:
    start, end = ENDS[schedule]
    scheduler = diffusers.DDPMScheduler(
        1000, beta_schedule=schedule, beta_start=start, beta_end=end, variance_type="fixed_large", clip_sample=False
    )
    one, zero = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    z = torch.randn((1, 2), generator=torch.Generator().manual_seed(7))
    stepped = scheduler.step(zero, timestep, one, generator=torch.Generator().manual_seed(7)).prev_sample
    scale, coefficient, sigma = solution("step_coefficients").step_coefficients(timestep, scheduler.betas)
    expected = torch.tensor([[scale, -scale * coefficient]]) + (sigma * z if timestep > 0 else 0.0)
    # diffusers goes by way of x_0 in float32, where 1 - alpha-bar keeps three or four digits at first.
    assert_close(stepped, expected, "diffusers' step must be made of these numbers.", tolerance=1e-4)


# --- ddim_step ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 5, 50, 1000])
@pytest.mark.parametrize("schedule", list(NAMES))
def test_leap_is_the_ddim_schedulers(diffusers: Any, schedule: str, steps: int) -> None:
    start, end = ENDS[schedule]
    scheduler = diffusers.DDIMScheduler(
        1000, beta_schedule=NAMES[schedule], beta_start=start, beta_end=end, clip_sample=False, set_alpha_to_one=True
    )
    scheduler.set_timesteps(steps)
    timesteps = scheduler.timesteps.tolist()
    for index in sorted({0, len(timesteps) // 2, len(timesteps) - 1}):
        timestep = timesteps[index]
        if float(scheduler.alphas_cumprod[timestep]) < 1e-5:
            continue  # below the bound of the statement: the last timesteps of the cosine schedule
        expected = scheduler.step(NOISE, timestep, PICTURE, eta=0.0).prev_sample
        leap = noised.Leap(PICTURE, NOISE, timestep, timestep - 1000 // steps, scheduler.alphas_cumprod)
        leap = leap._replace(prev_timestep=max(leap.prev_timestep, -1))
        actual = solution("ddim_step").ddim_step(*leap)
        assert_close(actual, expected, "A leap must be diffusers'.", tolerance=leap.tolerance)


# --- karras_sigmas -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sigma_min", "sigma_max"), [(0.0292, 14.6146), (0.002, 80.0), (1.0, 2.0)])
@pytest.mark.parametrize("steps", [1, 2, 5, 30, 1000])
def test_noise_levels_are_the_euler_schedulers(diffusers: Any, steps: int, sigma_min: float, sigma_max: float) -> None:
    scheduler = diffusers.EulerDiscreteScheduler(use_karras_sigmas=True)
    levels = scheduler._convert_to_karras(np.array([sigma_max, sigma_min]), steps)
    expected = torch.from_numpy(np.append(levels, 0.0)).float()
    actual = solution("karras_sigmas").karras_sigmas(sigma_min, sigma_max, steps)
    assert_close(actual, expected, "The levels must be diffusers'.", tolerance=1e-6)
    roots = [checks("karras_sigmas").roots_of(tensor, steps) for tensor in (actual, expected)]
    assert_close(*roots, "So must their seventh roots.", tolerance=1e-6)


def test_noise_levels_of_stable_diffusion_are_known(diffusers: Any) -> None:
    scheduler = diffusers.EulerDiscreteScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, use_karras_sigmas=True
    )
    sigma_max, sigma_min = scheduler.sigmas[[0, -2]].tolist()
    assert (sigma_max, sigma_min) == (pytest.approx(14.6146, abs=1e-4), pytest.approx(0.0292, abs=1e-4))
    scheduler.set_timesteps(10)
    actual = solution("karras_sigmas").karras_sigmas(sigma_min, sigma_max, 10)
    assert_close(actual, scheduler.sigmas, "The levels must be diffusers'.", tolerance=1e-6)


# --- classifier_free_guidance ------------------------------------------------------------------------------------


class StepStopped(Exception):
    """Ends a pipeline at its first step; `guided` is the noise prediction that its scheduler was given."""

    def __init__(self, guided: torch.Tensor) -> None:
        super().__init__()
        self.guided = guided


@pytest.mark.parametrize("scale", [1.5, 7.5, 20.0])
def test_guidance_is_the_stable_diffusion_pipelines(diffusers: Any, scale: float) -> None:
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        sample_size=8, block_out_channels=(8, 8), layers_per_block=1, cross_attention_dim=8, norm_num_groups=4,
        attention_head_dim=4, down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )  # fmt: skip
    vae = diffusers.AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, latent_channels=4, sample_size=8)
    pipeline = diffusers.StableDiffusionPipeline(
        vae=vae, unet=unet, scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False), text_encoder=None,
        tokenizer=None, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    predictions: list[torch.Tensor] = []
    unet.register_forward_hook(lambda _module, _inputs, output: predictions.append(output[0].detach()))

    def stop(guided: torch.Tensor, *_: Any, **__: Any) -> None:
        raise StepStopped(guided)

    pipeline.scheduler.step = stop
    with pytest.raises(StepStopped) as stopped:
        pipeline(
            prompt_embeds=torch.randn(1, 4, 8), negative_prompt_embeds=torch.randn(1, 4, 8), num_inference_steps=2,
            guidance_scale=scale, height=8, width=8, output_type="latent",
        )  # fmt: skip
    uncond, text = predictions[0].chunk(2)
    assert_far(uncond, text, least=1e-2)
    actual = solution("classifier_free_guidance").classifier_free_guidance(uncond, text, scale)
    assert_close(actual, stopped.value.guided, "Guidance must be the pipeline's.", tolerance=1e-5)


# --- from pixels to latents --------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [-0.5, 0.0, 0.3, 1.0, 2.0])
def test_interpolation_is_torchs(weight: float) -> None:
    ours = load("reference", "from_pixels_to_latents", "interpolate_latents", "solution.py")
    expected = torch.lerp(PICTURE, NOISE, weight)
    actual = ours.interpolate_latents(PICTURE, NOISE, weight)
    assert_close(actual, expected, "The line must be torch.lerp's.", tolerance=1e-6)


def test_heat_maps_are_numpys() -> None:
    ours = load("reference", "from_pixels_to_latents", "channel_heatmaps", "solution.py")
    latents = PICTURE[:1]
    expected = np.stack([np.interp(c, (c.min(), c.max()), (0, 1)) for c in latents[0].numpy()])
    actual = ours.channel_heatmaps(latents).double()
    assert_close(actual, torch.from_numpy(expected), "Heat maps must be NumPy's.", tolerance=1e-6)


def test_ratios_of_stable_diffusion_are_what_its_autoencoder_makes(diffusers: Any) -> None:
    ours = load("reference", "from_pixels_to_latents", "compression_ratio", "solution.py")
    vae = diffusers.AutoencoderKL(
        block_out_channels=(4, 4, 4, 4), norm_num_groups=2, latent_channels=4, layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    )  # fmt: skip
    image = torch.zeros(1, 3, 64, 32)
    with torch.no_grad():
        latent = vae.encode(image).latent_dist.mode()
    shapes = tuple(image.shape[1:]), tuple(latent.shape[1:])
    assert ours.compression_ratio(*shapes) == pytest.approx(48)
    assert math.isclose(ours.spatial_cost_ratio(*shapes), 64)
