"""The solutions on the start of img2img, masks and canvases, against diffusers and PIL."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter, ImageOps

from exercises._shared._schedules import Spacing, make_alphas_cumprod, spaced_timesteps
from exercises.img2img_and_inpainting.checks import _masks
from exercises.img2img_and_inpainting.checks._canvases import Canvas, make_image
from exercises.img2img_and_inpainting.checks._starts import Start
from grader.checks import assert_close, assert_equal, assert_far
from grader.checks import strategies as draw
from grader.checks.images import pixels
from helpers.course_files import load

ROOT = Path(__file__).parents[2]
LESSON = "img2img_and_inpainting"
COUNTS = [1, 2, 3, 7, 10, 20, 25, 30, 50, 100, 999, 1000]
REAL_SPACINGS: list[tuple[Spacing, int]] = [("leading", 0), ("leading", 1), ("linspace", 0), ("trailing", 0)]


def solution(name: str) -> Any:
    """Return the reference solution of an exercise, as a function."""
    return getattr(load("reference", LESSON, name, "solution.py"), name)


def stable_diffusions(diffusers: Any, spacing: Spacing, steps_offset: int, num_inference_steps: int) -> Any:
    """Return a DDIM scheduler with Stable Diffusion's schedule, set to a number of steps."""
    scheduler = diffusers.DDIMScheduler(
        1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        steps_offset=steps_offset, timestep_spacing=spacing,
    )  # fmt: skip
    scheduler.set_timesteps(num_inference_steps)
    return scheduler


def remaining(diffusers: Any, scheduler: Any, strength: float) -> torch.Tensor:
    """Return the timesteps that diffusers' img2img leaves to run."""
    pipeline = type("WithoutModels", (), {"scheduler": scheduler})()
    get_timesteps = diffusers.StableDiffusionImg2ImgPipeline.get_timesteps
    timesteps: torch.Tensor = get_timesteps(pipeline, len(scheduler.timesteps), strength, "cpu")[0]
    return timesteps


# --- start_alpha_bar and noise_to_start --------------------------------------------------------------------------


@pytest.mark.parametrize(("spacing", "steps_offset"), REAL_SPACINGS)
def test_timesteps_are_the_samplers(diffusers: Any, spacing: Spacing, steps_offset: int) -> None:
    for count in COUNTS:
        expected = stable_diffusions(diffusers, spacing, steps_offset, count).timesteps
        actual = spaced_timesteps(spacing, count, 1000, steps_offset=steps_offset)
        assert_equal(actual, expected, f"The {count} timesteps must be diffusers'.")


def test_alphas_cumprod_are_the_schedulers(diffusers: Any) -> None:
    expected = stable_diffusions(diffusers, "leading", 1, 50).alphas_cumprod
    actual = make_alphas_cumprod("scaled_linear", 1000).float()
    assert_close(actual, expected, "Alpha-bar must be diffusers'.", tolerance=1e-6)


@pytest.mark.parametrize(("spacing", "steps_offset"), REAL_SPACINGS)
def test_start_is_where_the_pipeline_starts(diffusers: Any, spacing: Spacing, steps_offset: int) -> None:
    start_alpha_bar = solution("start_alpha_bar")
    for count in COUNTS:
        scheduler = stable_diffusions(diffusers, spacing, steps_offset, count)
        # With all 1000 steps and an offset the first timestep lies beyond the schedule.
        if int(scheduler.timesteps[0]) >= 1000:
            continue
        for strength in (0.013, 0.2501, 0.5003, 0.7519, 0.997, 1.0):
            first = remaining(diffusers, scheduler, strength)[:1]
            expected = float(scheduler.alphas_cumprod[first]) if len(first) else 1.0
            assert start_alpha_bar(strength, scheduler.timesteps, scheduler.alphas_cumprod) == expected


@pytest.mark.parametrize("spacing", ["leading", "linspace", "trailing"])
@pytest.mark.parametrize("dtype", draw.DTYPES)
def test_noised_start_is_the_schedulers(diffusers: Any, spacing: Spacing, dtype: torch.dtype) -> None:
    scheduler = stable_diffusions(diffusers, spacing, 0, 50)
    z_0, noise = draw.random_tensors(2, (2, 4, 4, 4), dtype, seed=0)
    noise_to_start = solution("noise_to_start")
    for strength in (0.03, 0.21, 0.5003, 0.75, 0.99):
        timesteps = remaining(diffusers, scheduler, strength)
        expected = scheduler.add_noise(z_0, noise, timesteps[:1])
        alphas_cumprod = scheduler.alphas_cumprod.to(dtype)
        start = Start(z_0, noise, strength, scheduler.timesteps, alphas_cumprod, running=len(timesteps))
        z_start, left = noise_to_start(**start.arguments)
        assert_far(expected, z_0, least=0.01)
        assert_equal(left, timesteps, "The remaining timesteps must be the pipeline's.")
        assert_close(z_start, expected, "The start must be diffusers'.", tolerance=start.tolerance)


def test_the_schedule_never_reaches_pure_noise(diffusers: Any) -> None:
    last = stable_diffusions(diffusers, "trailing", 0, 50).alphas_cumprod[-1]
    assert_close(last, torch.tensor(0.0047), "As the statement says.", tolerance=1e-4)
    assert_close(last.sqrt(), torch.tensor(0.068), "As the statement says.", tolerance=1e-3)


# --- box_mask ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding", [0, 1, 5])
@pytest.mark.parametrize("box", [(2, 1, 5, 3), (-3, -2, 4, 20), (5, 0, 9, 2), (-9, -9, -4, -4), (0, 0, 1, 1)])
def test_box_is_what_pil_crops_and_pastes(box: tuple[int, int, int, int], padding: int) -> None:
    left, top, right, bottom = box
    grown = (left - padding, top - padding, right + padding, bottom + padding)
    picture = Image.new("F", (7, 6), 0.0)
    picture.paste(1.0, grown)
    expected = torch.from_numpy(np.array(picture))[None, None]
    assert_equal(solution("box_mask")(6, 7, box, padding), expected, "The mask must be what PIL fills.")


# --- feather_mask ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0, 1, 2, 5, 12])
def test_feathering_is_pils_box_blur(radius: int) -> None:
    mask = _masks.make_mask("soft", 9, 14, seed=3).mul(255).round().div(255)
    blurred = Image.fromarray((mask[0, 0] * 255).round().byte().numpy()).filter(ImageFilter.BoxBlur(radius))
    expected = torch.from_numpy(np.array(blurred))[None, None].double() / 255
    # PIL rounds to bytes after each of its two directions.
    assert_close(solution("feather_mask")(mask, radius), expected, "The mask must be PIL's.", tolerance=1.01 / 255)


@pytest.mark.parametrize("radius", [1, 3, 8])
@pytest.mark.parametrize("dtype", draw.DTYPES)
def test_feathering_is_the_mean_over_numpys_windows(radius: int, dtype: torch.dtype) -> None:
    mask = _masks.make_mask("soft", 6, 11, seed=5).to(dtype)
    wider = np.pad(mask[0, 0].double().numpy(), radius, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(wider, (2 * radius + 1, 2 * radius + 1))
    expected = torch.from_numpy(windows.mean(axis=(-2, -1)))[None, None].to(dtype)
    actual = solution("feather_mask")(mask, radius)
    assert_close(actual, expected, "The mask must be the mean over NumPy's windows.", tolerance=1e-6)


# --- latent_mask -------------------------------------------------------------------------------------------------


def pipelines_mask(diffusers: Any, mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the latent mask that the inpainting pipeline prepares, by its own two steps, without a model."""
    from diffusers.image_processor import VaeImageProcessor

    height, width = mask.shape[-2:]
    processor = VaeImageProcessor(
        vae_scale_factor=scale_factor, do_normalize=False, do_binarize=True, do_convert_grayscale=True
    )
    binary = processor.preprocess(mask.clone(), height=height, width=width)
    pipeline = type("WithoutModels", (), {"vae_scale_factor": scale_factor})()
    prepare = diffusers.StableDiffusionInpaintPipeline.prepare_mask_latents
    latents = torch.zeros(1, 4, height // scale_factor, width // scale_factor)
    prepared: torch.Tensor = prepare(pipeline, binary, latents, 1, height, width, mask.dtype, "cpu", None, False)[0]
    return prepared


@pytest.mark.parametrize("scale_factor", [2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("cells", [(1, 1), (3, 5), (8, 2)])
def test_latent_mask_is_the_inpainting_pipelines(diffusers: Any, scale_factor: int, cells: tuple[int, int]) -> None:
    mask = _masks.make_mask("soft", cells[0] * scale_factor, cells[1] * scale_factor, seed=1).float()
    mask[..., :: 2 * scale_factor, ::scale_factor] = 0.5
    expected = pipelines_mask(diffusers, mask, scale_factor)
    assert list(expected.shape) == [1, 1, *cells]
    assert_equal(solution("latent_mask")(mask, scale_factor), expected, "The mask must be the pipeline's.")


# --- outpaint_canvas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [(0, 0, 0, 0), (3, 0, 0, 0), (0, 2, 0, 0), (0, 0, 4, 0), (0, 0, 0, 1), (3, 2, 4, 1)])
def test_canvas_is_what_pil_expands_to(sides: tuple[int, int, int, int]) -> None:
    image = make_image(5, 4, seed=2)
    canvas, _ = solution("outpaint_canvas")(image, *sides, 1)
    expected = ImageOps.expand(image, border=sides, fill=(128, 128, 128))
    assert_equal(pixels(canvas), pixels(expected), "The canvas must be PIL's.")


@pytest.mark.parametrize("sides", [(0, 0, 0, 0), (3, 0, 0, 0), (0, 2, 0, 1), (3, 2, 4, 1)])
@pytest.mark.parametrize("overlap", [0, 1, 2, 9])
def test_canvas_mask_is_what_pil_grows_from_the_new_pixels(sides: tuple[int, int, int, int], overlap: int) -> None:
    drawn = Canvas(make_image(5, 4), *sides, overlap)
    new = ImageOps.expand(Image.new("L", (5, 4), 0), border=sides, fill=255)
    room = ImageOps.expand(new, border=overlap, fill=0)
    spread = room.filter(ImageFilter.MaxFilter(2 * overlap + 1)) if overlap else room
    cut = spread.crop((overlap, overlap, overlap + new.width, overlap + new.height))
    expected = torch.from_numpy(np.array(cut))[None, None].float() / 255
    _, actual = solution("outpaint_canvas")(*drawn)
    assert_equal(actual, expected, "The mask must be what lies within the overlap of a new pixel.")
