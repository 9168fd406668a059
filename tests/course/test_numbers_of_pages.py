"""What the lessons' pages say of PyTorch, PEFT and diffusers, computed again."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler
from peft import LoraConfig, inject_adapter_in_model

from exercises._shared._schedules import make_alphas_cumprod, make_betas
from exercises._shared._training import pixel_values
from exercises.lora_finetuning.checks import _checkpoints, _two_adapters
from exercises.lora_finetuning.checks._unets import own
from grader.diffusion import loading
from grader.diffusion.loading import TINY_SD
from grader.diffusion.stable_diffusion import stable_diffusion
from grader.tinyworld.concepts import style_pictures
from grader.tinyworld.recognition import look
from grader.workbench.denoisers import GaussianDenoiser, MixtureDenoiser
from helpers.course_files import load
from helpers.lesson_page import EXERCISES, says
from reference.lora_finetuning._hooks import asked, beside
from reference.lora_finetuning._measured import measured
from reference.lora_finetuning._style import paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diffusers import UNet2DConditionModel

    from exercises._shared._lora import Adapter

OF_STABLE_DIFFUSION = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}


def table(*, trained: bool) -> torch.nn.Embedding:
    made = torch.nn.Embedding(3, 2)
    made.weight.requires_grad_(trained)
    return made


# --- textual inversion ------------------------------------------------------------------------------------------


def test_a_row_of_a_trained_table_is_no_leaf_and_no_optimizer_takes_it() -> None:
    row = table(trained=True).weight[1]
    assert not row.is_leaf
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        torch.optim.AdamW([row])
    says("textual_inversion", "can't optimize a non-leaf Tensor")


def test_a_row_of_a_frozen_table_is_a_leaf_that_never_gets_a_gradient() -> None:
    words, adapter = table(trained=False), torch.nn.Linear(2, 1)
    row = words.weight[1].requires_grad_(True)
    assert row.is_leaf
    torch.optim.AdamW([row])
    with pytest.raises(RuntimeError, match="does not require grad"):
        words(torch.tensor([1])).sum().backward()
    adapter(words(torch.tensor([1]))).sum().backward()  # something else learns: nobody complains
    assert row.grad is None
    says("textual_inversion", "all runs without a word, and the row never moves")


def moved_by_adamw(gradients: list[float]) -> list[float]:
    """Return a parameter that begins at 1, after each step with such a gradient."""
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer, found = torch.optim.AdamW([parameter], lr=0.005, weight_decay=0.01), []
    for gradient in gradients:
        parameter.grad = torch.full_like(parameter, gradient)
        optimizer.step()
        found.append(parameter.item())
    return found


def test_zeroed_gradients_build_no_momentum_and_still_decay() -> None:
    never, once, always = (moved_by_adamw(each) for each in ([0.0] * 200, [1.0] + [0.0] * 199, [1.0] * 200))
    assert never == pytest.approx([(1 - 0.005 * 0.01) ** step for step in range(1, 201)], abs=1e-5)
    for steps in (1, 2, 10, 50, 200):
        numbers = [always[steps - 1], once[steps - 1]]
        says("textual_inversion", f"| {steps} | {numbers[0]:.4f} | {numbers[1]:.4f} | {never[steps - 1]:.5f} |")


# --- LoRA -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to_none", [True, False])
def test_cleared_before_the_step_nothing_moves_and_zeros_decay(to_none: bool) -> None:
    parameter = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.AdamW([parameter], lr=0.1, weight_decay=0.1)
    (2 * parameter).backward()
    optimizer.zero_grad(set_to_none=to_none)
    optimizer.step()
    assert parameter.item() == pytest.approx(1 if to_none else 0.99)
    says("lora_finetuning", "leaves such a parameter alone, weight decay included")


def test_independent_directions_add_like_roots_and_agreeing_ones_like_numbers() -> None:
    one, other = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert float((one + other).norm() / one.norm()) == pytest.approx(math.sqrt(2), abs=0.02)
    assert float((one + one).norm() / one.norm()) == pytest.approx(2)
    says("lora_finetuning", "make it √2 times as long, two that agree twice")


def test_a_first_step_moves_the_layer_twice_as_far_with_twice_as_many_directions() -> None:
    torch.manual_seed(0)
    asked = torch.randn(64, 320)

    def way(rank: int) -> float:
        """Return how far a step of gradient descent moves the product B A along what the loss asks for."""
        a, b = torch.empty(rank, 320).uniform_(-1, 1), torch.zeros(64, rank, requires_grad=True)
        ((b @ a) * asked).sum().backward()
        assert b.grad is not None
        return float(((b.grad @ a) * asked).sum())

    assert way(64) / way(32) == pytest.approx(2, rel=0.1)
    says("lora_finetuning", "so twice as many directions move the layer about twice as far")


@pytest.mark.parametrize(("how", "spread"), [(True, 1 / math.sqrt(3 * 320)), ("gaussian", 1 / 4)])
def test_peft_draws_a_as_the_page_says(how: Any, spread: float) -> None:
    torch.manual_seed(0)
    layer = torch.nn.ModuleDict({"to_q": torch.nn.Linear(320, 320)})
    inject_adapter_in_model(LoraConfig(r=4, target_modules=["to_q"], init_lora_weights=how), layer)
    adapted: Any = layer["to_q"]
    drawn = adapted.lora_A["default"].weight.detach()
    assert float(drawn.std()) == pytest.approx(spread, rel=0.05)
    if how is True:
        assert float(drawn.abs().max()) == pytest.approx(1 / math.sqrt(320), rel=0.01)
        says("lora_finetuning", f"(with 320 inputs: ±{1 / math.sqrt(320):.3f})")
    assert not adapted.lora_B["default"].weight.any()


# --- from pixels to latents, img2img and inpainting -------------------------------------------------------------


@pytest.mark.parametrize(("spacing", "said", "first"), [("linspace", 14.61, 999), ("leading", 13.16, 981)])
def test_eulers_first_noise_is_as_strong_as_the_page_says(spacing: str, said: float, first: int) -> None:
    scheduler = EulerDiscreteScheduler(**OF_STABLE_DIFFUSION, timestep_spacing=spacing)
    scheduler.set_timesteps(50)
    alpha_bar = scheduler.alphas_cumprod[first]
    sigma = float(((1 - alpha_bar) / alpha_bar).sqrt())
    assert int(scheduler.timesteps[0]) == first
    expected = sigma if spacing == "linspace" else math.sqrt(sigma**2 + 1)
    assert float(scheduler.init_noise_sigma) == pytest.approx(expected, rel=1e-4) == pytest.approx(said, abs=0.005)
    says("from_pixels_to_latents", f"{said}")


def kept_mebibytes(unet: UNet2DConditionModel, steps: int) -> float:
    """Return what a loop keeps for a backward pass, weights apart."""
    sd = stable_diffusion()
    weights = {parameter.untyped_storage().data_ptr() for parameter in unet.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor  # and so it stays

    scheduler = DDIMScheduler.from_pretrained(TINY_SD, subfolder="scheduler")
    scheduler.set_timesteps(steps)
    x, words = sd.noise(0), sd.embed(["a red circle"])
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        for timestep in scheduler.timesteps:
            x = scheduler.step(unet(x, timestep, encoder_hidden_states=words).sample, timestep, x).prev_sample
    return sum(kept.values()) / 2**20


@pytest.mark.torch
def test_without_no_grad_a_loop_keeps_every_step() -> None:
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(TINY_SD, subfolder="unet")
    found = {steps: kept_mebibytes(unet, steps) for steps in (1, 5, 25)}
    assert found[25] == pytest.approx(25 * found[1], rel=0.01)
    says(
        "from_pixels_to_latents", *(f"| {steps} | {kept:.2g} MiB | 0 |" for steps, kept in found.items() if steps < 25)
    )
    says("from_pixels_to_latents", f"| 25 | {found[25]:.0f} MiB | 0 |")
    with torch.no_grad():
        assert kept_mebibytes(unet, 5) == 0
    assert kept_mebibytes(unet.requires_grad_(False), 5) == 0  # nothing can learn, so nothing is kept


def test_latents_outside_the_mask_are_kept_and_pixels_are_not() -> None:
    sd = stable_diffusion()
    picture, half = sd.picture(seed=3), sd.latent_shape[-1] // 2
    mask = torch.zeros(1, 1, 2 * half, 2 * half)
    mask[..., half:] = 1
    z_0 = sd.encode(picture)
    result = sd.inpaint(z_0, mask, sd.noise(1), 1.0, 20, sd.embed(["", "a blue square"]), 3.0)
    assert torch.equal(result[..., :half], z_0[..., :half])
    pixels, columns = np.asarray(picture, dtype=float), half * sd.scale_factor

    def levels_off(latents: torch.Tensor) -> tuple[float, float]:
        off = np.abs(np.asarray(sd.decode(latents), dtype=float) - pixels)[:, :columns]
        return float(off.mean()), float(off[:, -4:].mean())

    (painted, at_the_edge), (alone, alone_at_the_edge) = levels_off(result), levels_off(z_0)
    says(
        "img2img_and_inpainting",
        f"is {painted:.1f} of 255 levels off on average in the left half, and {at_the_edge:.0f} in the last four columns",
        f"makes that {alone:.1f} and {alone_at_the_edge:.0f}.",
    )
    combine = load("reference", "img2img_and_inpainting", "combine_masked", "solution.py").combine_masked
    at_pixels = mask.repeat_interleave(sd.scale_factor, 2).repeat_interleave(sd.scale_factor, 3)
    drawn, original = (
        torch.tensor(np.asarray(each, dtype=float)).movedim(-1, 0)[None] for each in (sd.decode(result), picture)
    )
    assert torch.equal(combine(at_pixels, drawn, original)[..., :columns], original[..., :columns])


# --- experiments ------------------------------------------------------------------------------------------------


def solution(lesson: str, name: str) -> Any:
    return getattr(load("reference", lesson, name, "solution.py"), name)


def row(label: str, numbers: Iterable[str]) -> str:
    """Return a row of a table of the page."""
    return f"| {label} | {' | '.join(numbers)} |"


def two_kinds(alphas_cumprod: torch.Tensor) -> MixtureDenoiser:
    """Return the perfect model for pixels near -1 and near +1."""
    return MixtureDenoiser(alphas_cumprod, means=(-1.0, 1.0), std=0.1)


def test_two_kinds_of_pixels_are_decided_in_the_middle() -> None:
    alphas_cumprod = make_alphas_cumprod("linear", 1000)
    x_T = torch.randn(10_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)  # noqa: N806
    found = solution("sampling_and_generation", "denoising_trajectory")(
        two_kinds(alphas_cumprod), x_T, torch.arange(900, -1, -100), alphas_cumprod
    )
    says(
        "sampling_and_generation",
        row("noise level", [f"{level:.3f}" for level in found["noise_levels"]]),
        row("mean size of the estimates", [f"{float(each.abs().mean()):.3f}" for each in found["estimates"]]),
        row("share of all change", ["", *(f"{share:.3f}" for share in found["shares"])]).replace("|  |", "| |"),
    )


@pytest.mark.parametrize(
    ("prompt", "seed"),
    [
        ("a red circle on the left on white", 3),
        ("a big yellow star at night", 4),
        ("a green triangle at the top on sand", 5),
    ],
)
def test_the_small_model_decides_early(prompt: str, seed: int) -> None:
    sd, given = stable_diffusion(), stable_diffusion().prompt(prompt)

    def model(x: torch.Tensor, timestep: int) -> torch.Tensor:
        without, told = sd.predictions(x, timestep, given["text_embeddings"])
        return without + given["guidance_scale"] * (told - without)

    scheduler = loading.make_scheduler("ddim")
    scheduler.set_timesteps(10)
    found = solution("sampling_and_generation", "denoising_trajectory")(
        model, sd.noise(seed), scheduler.timesteps, scheduler.alphas_cumprod
    )
    says(
        "sampling_and_generation",
        row("noise level", [f"{level:.3f}" for level in found["noise_levels"]]),
        row(prompt, ["", *(f"{share:.3f}" for share in found["shares"])]).replace("|  |", "| |"),
    )
    assert sum(found["shares"][:3]) > 0.85


def test_a_seed_is_not_a_noise() -> None:
    def drawn(*counts: int) -> list[str]:
        """Return the first four of the last numbers drawn from seed 0."""
        generator = torch.Generator().manual_seed(0)
        *_, last = [torch.randn(count, generator=generator) for count in counts]
        return [f"{number:.3f}" for number in last[:4].tolist()]

    says(
        "sampling_and_generation",
        row("4 numbers", drawn(4)),
        row("20 numbers", drawn(20)),
        row("4 numbers, after 4 others", drawn(4, 4)),
    )


def test_ddpm_forgets_its_first_noise_and_ddim_does_not() -> None:
    betas = make_betas("linear", 1000)
    found = solution("sampling_and_generation", "two_runs_from_one_noise")(
        two_kinds(make_alphas_cumprod("linear", 1000)), [10_000], 0, betas, torch.arange(999, 0, -100)
    )
    sides = {name: found[name] > 0 for name in ("x_T", "ddim", "ddpm")}
    alike = {
        pair: f"{float((sides[pair[0]] == sides[pair[1]]).double().mean()):.1%}".replace("%", " %")
        for pair in (("ddim", "ddpm"), ("x_T", "ddim"), ("x_T", "ddpm"))
    }
    says(
        "sampling_and_generation",
        row("mean distance", [f"{distance:.3f}" for distance in found["distances"]]),
        f"{2 / math.sqrt(math.pi):.3f} apart on average",
        f"At the end {alike['ddim', 'ddpm']} of the pixels are on the same side",
        f"| DDIM | {alike['x_T', 'ddim']} |",
        f"| DDPM | {alike['x_T', 'ddpm']} |",
    )


def test_the_statement_of_two_runs_has_the_right_numbers() -> None:
    runs = load("reference", "sampling_and_generation", "two_runs_from_one_noise", "solution.py")
    betas, x_T, *step_noise = (  # noqa: N806
        torch.tensor(numbers, dtype=torch.float64) for numbers in ([0.36, 0.19], [1.0], [5.0], [2.0])
    )
    model = GaussianDenoiser(torch.cumprod(1 - betas, dim=0), mean=0.0, std=1.0)
    ddpm = runs._ddpm(model, x_T, betas, torch.stack(step_noise))
    ddim = runs._ddim(model, x_T, betas, [1, 0])
    statement = (EXERCISES / "sampling_and_generation" / "two_runs_from_one_noise.py").read_text(encoding="utf-8")
    for held in (ddpm, ddim):
        due = (
            f"{held[1].item()} at timestep 1, {held[0].item():.6f} at timestep 0, and at the end {held[-1].item():.6f}"
        )
        assert due in statement
    distances = [round(float((ddpm[t] - ddim[t]).abs()), 6) for t in (1, 0, -1)]
    assert f"the distances would be {distances}" in statement


def test_colours_and_shapes_have_an_axis_each() -> None:
    words = ["red", "orange", "yellow", "green", "cyan", "blue", "purple"]
    words += ["circle", "square", "triangle", "ring", "cross", "star"]
    ids = [stable_diffusion().token_ids(word)[0] for word in words]
    known = loading.load().text_encoder.get_input_embeddings().weight.detach()
    pca = solution("textual_inversion", "token_pca")
    found = pca(known, ids)
    first, second = found["coordinates"].T
    first, second = first * first[words.index("red")].sign(), second * second[words.index("circle")].sign()
    says(
        "textual_inversion",
        row("", words).replace("|  |", "| |"),
        *(
            row(name, [f"{round(number, 2) + 0.0:.2f}" for number in along.tolist()])
            for name, along in (("first axis", first), ("second axis", second))
        ),
        f"shares of {found['shares'][0]:.3f} and {found['shares'][1]:.3f} of what",
        f"leaves out more than it shows, {1 - sum(found['shares']):.0%}".replace("%", " %"),
    )
    moved = pca(known + 1, ids)
    assert moved["shares"] == pytest.approx(found["shares"], abs=1e-3)
    values = torch.linalg.svdvals((known + 1)[ids]).square()
    says("textual_inversion", f"then has a share of {float(values[0] / values.sum()):.3f}, and says nothing")


def squares(side: int) -> torch.Tensor:
    """Return a checkerboard `[1, 3, 64, 64]` of such squares."""
    along = torch.arange(64) // side
    return ((along[:, None] + along) % 2 * 2.0 - 1).expand(1, 3, 64, 64).contiguous()


def test_what_the_autoencoder_loses() -> None:
    sd, vae = stable_diffusion(), loading.load().vae
    lost = solution("from_pixels_to_latents", "reconstruction_error")

    def losses(absolute: float, psnr: float, latent: float) -> list[str]:
        return [f"{255 * absolute:.1f}", f"{psnr:.1f} dB", f"{latent:.3f}"]

    plain, pixels = torch.ones(1, 3, 64, 64), torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    pictures = {
        "grey everywhere": 0 * plain,
        "from black on the left to white on the right": torch.linspace(-1, 1, 64) * plain,
        "black everywhere": -plain,
        "random pixels": pixels * 2 - 1,
        "a checkerboard of squares of 8 by 8": squares(8),
        "a checkerboard of squares of 1 by 1": squares(1),
    }
    measures = ("absolute_errors", "psnr", "latent_errors")
    found = {label: lost(vae, picture) for label, picture in pictures.items()}
    rows = [row(label, losses(*(each[name][0] for name in measures))) for label, each in found.items()]
    drawn = pixel_values(*(sd.picture(seed=seed) for seed in range(20)))
    first = lost(vae, drawn)
    best, worst = (first["psnr"].index(pick(first["psnr"])) for pick in (max, min))
    rows += [
        row("20 drawn pictures, on average", losses(*(float(np.mean(first[name])) for name in measures))),
        row("the best of them", losses(*(first[name][best] for name in measures))),
        row("the worst of them", losses(*(first[name][worst] for name in measures))),
    ]
    of_the_mean = -10 * math.log10(np.mean(first["squared_errors"]))
    black = (found["black everywhere"]["decoded"].mean() + 1) * 127.5
    says(
        "from_pixels_to_latents",
        *rows,
        f"squared error of the 20 is {of_the_mean:.1f} dB, not {np.mean(first['psnr']):.1f}, because",
        f"so black comes back at level {black:.0f}.",
    )
    absolute, psnr, trip = {}, {}, drawn
    for trips in range(1, 9):
        trip = lost(vae, trip)["decoded"]
        errors = ((trip - drawn) / 2).flatten(1)
        absolute[trips] = f"{255 * float(errors.abs().mean()):.1f}"
        psnr[trips] = f"{-10 * float(errors.square().mean(dim=1).log10().mean()):.1f} dB"
    says(
        "from_pixels_to_latents",
        *(row(label, [of[n] for n in (1, 2, 4, 8)]) for label, of in (("absolute error", absolute), ("PSNR", psnr))),
    )


def test_the_statement_of_reconstruction_error_has_the_right_numbers() -> None:
    measure = load("reference", "from_pixels_to_latents", "reconstruction_error", "solution.py")
    before, after = (torch.tensor([numbers], dtype=torch.float64) for numbers in ([-1.0, 0.5, 1.0], [-0.8, 0.2, 1.3]))
    errors = (after.clamp(-1, 1) - before) / 2
    (absolute,), squared = measure._mean_of_each(errors.abs()), measure._mean_of_each(errors.square())
    text = (EXERCISES / "from_pixels_to_latents" / "reconstruction_error.py").read_text(encoding="utf-8")
    assert f"The errors are {errors[0, 0]:.1f}, {errors[0, 1]:.2f} and {errors[0, 2]:.1f}" in text
    said = f"the absolute error is {absolute:.6f}, the squared error {squared[0]:.6f}, and the PSNR"
    assert said in " ".join(text.split())
    assert f"{measure._decibels(squared)[0]:.3f} dB" in text


def test_what_strength_changes() -> None:
    sd, unet, grid = stable_diffusion(), loading.load().unet, solution("img2img_and_inpainting", "strength_grid")
    strengths = [0, 0.15, 0.35, 0.55, 0.65, 0.75, 0.85, 1]
    prompt = sd.prompt("a blue square on the right on sand")
    for name, seed in (("A", 0), ("B", 1)):
        found = grid(unet, loading.make_scheduler("ddim"), sd.latents(5), sd.noise(seed), strengths, 10, **prompt)
        says(
            "img2img_and_inpainting",
            row("strength", [f"{strength:g}" for strength in strengths]),
            row("steps", map(str, found["steps"])),
            row("first timestep", ["none", *map(str, found["start_timesteps"][1:])]),
            row(f"distance, noise {name}", [f"{distance:.3f}" for distance in found["distances"]]),
        )


@pytest.mark.parametrize("kind", ["dpm++", "euler"])
def test_a_scheduler_that_is_not_set_back_goes_on_counting(kind: str) -> None:
    once = load("reference", "img2img_and_inpainting", "strength_grid", "wrong", "timesteps_set_once.py").strength_grid
    sd, unet = stable_diffusion(), loading.load().unet
    parts = (sd.latents(5)[..., :4, :4], sd.noise(0)[..., :4, :4], [0.35, 0.55], 10)
    prompt = sd.prompt("a blue square on the right on sand")
    with pytest.raises(IndexError) as caught:
        once(unet, loading.make_scheduler(kind), *parts, **prompt)
    says("img2img_and_inpainting", f"`IndexError: {caught.value}`")
    right = solution("img2img_and_inpainting", "strength_grid")
    without, anew = (each(unet, loading.make_scheduler("ddim"), *parts, **prompt)["latents"] for each in (once, right))
    assert torch.equal(without, anew)


# --- two adapters -----------------------------------------------------------------------------------------------

SHOWN = [example.caption for example in style_pictures(16, 0, held_out=True)]


def backgrounds(*adapters: Adapter) -> Counter[str | None]:
    """Return how often each background is seen on the page's 16 prompts, painted with adapters."""
    sd = stable_diffusion()
    with beside(own(sd.unet), adapters) as unet:
        return Counter(look(picture).background for picture in paint(unet, sd, SHOWN))


@pytest.mark.thorough
def test_of_two_backgrounds_one_wins() -> None:
    task = _two_adapters.trained_task(stable_diffusion())
    rows = []
    for name, adapters in {
        "neither": (), "pink": (task.first,), "night": (task.second,), "both": (task.first, task.second),
    }.items():  # fmt: skip
        seen = backgrounds(*adapters)
        named = [seen[where] for where in ("on pink", "at night", "on black")]
        rows.append(f"| {name} | {' | '.join(map(str, [*named, len(SHOWN) - sum(named)]))} |")
    says("lora_finetuning", *rows)


def test_adapters_that_hardly_count_hardly_interfere() -> None:
    sd = stable_diffusion()
    task = _two_adapters.trained_task(sd)
    task = task._replace(latents=sd.noise(5, batch=len(SHOWN)), timestep=300, text_embeddings=sd.embed(SHOWN))
    changes, interferences = [], []
    for share in (1, 0.5, 0.25, 0.1, 0.05):
        first, second = (
            {layer: (a, b, share * alpha) for layer, (a, b, alpha) in adapter.items()} for adapter in task[1:3]
        )
        found = asked(task._replace(first=first, second=second))
        changes.append(f"{float((found.both - found.neither).abs().mean()):.3f}")
        interferences.append(f"{sum(found.interference) / len(SHOWN):.2f}")
    says("lora_finetuning", f"| interference | {' | '.join(interferences)} |", f"| {' | '.join(changes)} |")


# --- an adapter that was trained for too long -------------------------------------------------------------------

ROWS = {
    "trained_on": "loss on the three pictures",
    "held_out": "loss on twelve others of the gem",
    "drift": "drift on eight things that are not gems",
}


def test_the_longer_an_adapter_is_trained_the_better_it_knows_three_pictures_alone() -> None:
    task = _checkpoints.trained_task(stable_diffusion())
    found = measured(task._replace(checkpoints=[{}, *task.checkpoints]))
    says("lora_finetuning", row("steps", map(str, (0, *_checkpoints.STEPS))))
    for name, title in ROWS.items():
        says("lora_finetuning", row(title, [f"{number:.3f}" for number in getattr(found, name)]))
    assert found.trained_on == sorted(found.trained_on, reverse=True)
    assert found.drift == sorted(found.drift)
    lowest = found.held_out[found.keep]
    assert _checkpoints.STEPS[found.keep - 1] == 80
    assert found.held_out[0] - found.held_out[-1] < (found.held_out[0] - lowest) / 2  # more than half is lost again
    told = [example.caption for example in _checkpoints.gems(_checkpoints.PICTURES, _checkpoints.TRAINING)]
    says("lora_finetuning", f'told as "{told[0]}", "{told[1]}" and "{told[2]}"')


def test_more_pictures_of_the_gem_show_the_same_turn() -> None:
    sd = stable_diffusion()
    task = _checkpoints.trained_task(sd)
    held_out = _checkpoints.measuring(sd, _checkpoints.gems(24, "held out too"), (16,) * 3, seed=4)
    places = [_checkpoints.STEPS.index(steps) for steps in (40, 80, 320)]
    few = task._replace(
        checkpoints=[{}, *(task.checkpoints[place] for place in places)],
        trained_on=task.trained_on[:1], held_out=held_out, others=task.others[:1],
    )  # fmt: skip
    before, *after = (f"{loss:.3f}" for loss in measured(few).held_out)
    assert after[0] == after[1]
    says(
        "lora_finetuning",
        f"On 48, the loss is {before} without the adapter, {after[0]} after 40 steps and after 80, and {after[2]} after",
    )
