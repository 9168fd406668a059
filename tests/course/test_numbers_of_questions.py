"""What is right in the course's questions, computed again from the code, the libraries and the tiny model."""

from __future__ import annotations

import math
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from peft import LoraConfig, inject_adapter_in_model

from grader.course.finding import find_course
from grader.course.questions.reading import keys_of, questions_of
from grader.course.questions.typed import value_of
from grader.course.questions.verdict import is_right, temptation
from grader.diffusion.loading import TINY_SD
from grader.diffusion.stable_diffusion import stable_diffusion
from helpers.course_files import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.course.questions.model import Key, Question

COURSE = find_course(Path(__file__).parents[2])
QUESTIONS: dict[str, tuple[Question, Key]] = {
    question.name: (question, keys_of(lesson.questions)[question.name])
    for lesson in COURSE.lessons
    if lesson.questions is not None
    for question in questions_of(lesson.questions)
}
STABLE_DIFFUSION: Any = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1,
    "timestep_spacing": "leading",
}  # fmt: skip


def solution(lesson: str, exercise: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(load("reference", lesson, exercise, "solution.py"), exercise)
    return found


def right(name: str, answer: object) -> bool:
    """Tell whether an answer is right."""
    question, key = QUESTIONS[name]
    return is_right(question, key, value_of(question, _typed(answer)))


def tempts(name: str, answer: object) -> str:
    """Return the mistake behind a tempting answer, "" if it is none."""
    question, key = QUESTIONS[name]
    found = temptation(question, key, value_of(question, _typed(answer)))
    return found.mistake if found is not None else ""


def _typed(answer: object) -> str:
    return f"{Decimal(answer):.7f}" if isinstance(answer, float) else str(answer)


def schedule(betas: torch.Tensor) -> torch.Tensor:
    return torch.cumprod(1 - betas, 0)


# --- sampling and generation ------------------------------------------------------------------------------------


def test_four_halves_are_a_sixteenth() -> None:
    alphas_cumprod = schedule(torch.full((4,), 0.5, dtype=torch.float64))
    assert right("what_is_left", float(alphas_cumprod[3]))
    assert tempts("what_is_left", float(1 - alphas_cumprod[3])).startswith("The share of the noise")


def test_one_jump_ends_in_the_middle() -> None:
    betas = torch.linspace(0.0001, 0.02, 1000, dtype=torch.float64)
    alpha_bar = float(schedule(betas)[-1])
    x = torch.randn(10_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    # The best guess of x_0 for points near -1 and +1 of spread 0.1, seen through noise.
    spread = alpha_bar * 0.01 + 1 - alpha_bar
    plus, minus = (torch.exp(-((x - sign * math.sqrt(alpha_bar)) ** 2) / (2 * spread)) for sign in (1, -1))
    mean = (plus - minus) / (plus + minus) + math.sqrt(alpha_bar) * 0.01 / spread * (
        x - math.sqrt(alpha_bar) * (plus - minus) / (plus + minus)
    )
    landed = "middle" if float(mean.abs().max()) < 0.05 else "both"
    assert right("one_jump", landed)


def test_an_error_of_the_prediction_grows_in_the_jump() -> None:
    alpha_bar = DDIMScheduler(**STABLE_DIFFUSION).alphas_cumprod.double()
    assert float(alpha_bar[600]) == pytest.approx(0.161, abs=0.0005)
    predict = solution("sampling_and_generation", "predict_x0")
    x, noise, timestep = torch.zeros(1), torch.zeros(1), 600
    off = predict(x, noise + 0.3, timestep, alpha_bar.float()) - predict(x, noise, timestep, alpha_bar.float())
    assert right("error_of_the_jump", abs(off.item()))
    assert tempts("error_of_the_jump", 0.3 * math.sqrt(1 - float(alpha_bar[600]))).startswith("The division")
    assert (
        f"{float(((1 - alpha_bar[950]) / alpha_bar[950]).sqrt()):.0f}" in QUESTIONS["error_of_the_jump"][1].explanation
    )


def test_guidance_goes_past_the_prompt() -> None:
    guide = solution("sampling_and_generation", "classifier_free_guidance")
    uncond, text = torch.tensor([2.0]), torch.tensor([-1.0])
    assert right("past_the_prompt", guide(uncond, text, 4.0).item())
    assert tempts("past_the_prompt", guide(text, uncond, 4.0).item()) == ""
    assert tempts("past_the_prompt", (uncond + 4 * (uncond - text)).item()).startswith("The subtraction is swapped")


# --- img2img and inpainting -------------------------------------------------------------------------------------


def test_strength_decides_which_timestep_runs_first() -> None:
    scheduler = DDIMScheduler(**STABLE_DIFFUSION)
    scheduler.set_timesteps(25)
    start = solution("img2img_and_inpainting", "strength_to_t_start")
    timesteps = scheduler.timesteps.tolist()
    assert (timesteps[:3], timesteps[-2:]) == ([961, 921, 881], [41, 1])
    index = start(0.7, 25)
    assert right("runs_first", timesteps[index])
    assert tempts("runs_first", timesteps[index - 1]).startswith("Half a step is rounded up")
    assert tempts("runs_first", timesteps[25 - index]).startswith("The index is counted")


def test_picture_and_noise_are_mixed_by_the_roots() -> None:
    root, rest = math.sqrt(0.36), math.sqrt(0.64)
    assert right("noised_latent", root * 2 + rest * -2)
    assert tempts("noised_latent", 0.36 * 2 + 0.64 * -2).startswith("The roots are forgotten")
    assert tempts("noised_latent", rest * 2 + root * -2).startswith("The two weights are swapped")
    assert tempts("noised_latent", 2).startswith("The loop is expected to start from the picture")
    assert tempts("noised_latent", 2 - 2).startswith("The noise is added as it is")


def test_the_first_pixel_of_a_place_decides() -> None:
    mask = torch.zeros(1, 1, 512, 512)
    mask[..., 100:203] = 1
    assert right("painted_places", int(mask[..., ::8, ::8].sum()))
    any_pixel = torch.nn.functional.max_pool2d(mask, 8)
    assert tempts("painted_places", int(any_pixel.sum())).startswith("A place is painted as soon as")
    assert tempts("painted_places", int(mask.sum()) // 64).startswith("The area")
    assert tempts("painted_places", int(mask.sum())).startswith("The pixels")


# --- from pixels to latents -------------------------------------------------------------------------------------


def test_compression_counts_sides_and_channels() -> None:
    assert right("numbers_saved", 16 * 16 * 3 // 8)


def test_two_mixed_noises_are_weaker() -> None:
    one, other = torch.randn(2, 1_000_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mixed = 0.7 * one + 0.3 * other
    assert right("mixed_noises", float(mixed.std()))
    assert tempts("mixed_noises", float(mixed.var())).startswith("The variance")


def test_without_no_grad_every_step_is_kept() -> None:
    kept = kept_mebibytes(UNet2DConditionModel.from_pretrained(TINY_SD, subfolder="unet"))
    assert f"keeps {kept:.1f} MiB" in " ".join(QUESTIONS["kept_graph"][0].text.split())
    assert right("kept_graph", 20 * kept)
    assert right("kept_graph", 20 * 8.2)  # who computes with the number of the question
    assert tempts("kept_graph", round(kept, 1)).startswith("Only the last step")


def kept_mebibytes(unet: UNet2DConditionModel) -> float:
    """Return what one call keeps for a backward pass, weights apart."""
    sd = stable_diffusion()
    weights = {parameter.untyped_storage().data_ptr() for parameter in unet.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor  # and so it stays

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        unet(sd.noise(0), 1, encoder_hidden_states=sd.embed(["a red circle"]))
    return sum(kept.values()) / 2**20


def test_only_euler_needs_both_lines() -> None:
    found = {}
    for name, kind in (
        ("ddim", DDIMScheduler),
        ("dpm", DPMSolverMultistepScheduler),
        ("euler", EulerDiscreteScheduler),
    ):
        scheduler = kind.from_config(DDIMScheduler.from_pretrained(TINY_SD, subfolder="scheduler").config)
        scheduler.set_timesteps(10)
        sample = torch.ones(1, 4, 2, 2)
        scaled = scheduler.scale_model_input(sample, scheduler.timesteps[0])
        found[name] = float(scheduler.init_noise_sigma) == 1 and torch.equal(scaled, sample)
    assert [name for name, does_nothing in found.items() if not does_nothing] == ["euler"]
    assert right("only_under_euler", "euler")


# --- textual inversion ------------------------------------------------------------------------------------------


def test_a_gradient_is_as_large_as_its_tensor() -> None:
    table = torch.nn.Embedding(9, 4)
    table(torch.tensor([1, 2, 8])).sum().backward()
    assert table.weight.grad is not None
    assert table.weight.grad.shape == table.weight.shape
    assert int(table.weight.grad.any(dim=1).sum()) == 3
    assert right("numbers_with_gradient", 49_409 * 768)


def test_a_frozen_network_under_no_grad_raises() -> None:
    table, unet = torch.nn.Embedding(3, 2), torch.nn.Linear(2, 2).requires_grad_(False)
    states = table(torch.tensor([1]))
    with torch.no_grad():
        prediction = unet(states)
    with pytest.raises(RuntimeError, match="does not require grad"):
        prediction.sum().backward()
    unet(states).sum().backward()  # frozen alone, it passes the gradient on
    assert table.weight.grad is not None
    assert right("no_grad_around_the_unet", "raises")


def test_what_comes_after_a_word_does_not_change_its_state() -> None:
    sd = stable_diffusion()
    grass, snow, before = sd.embed(["a star on white", "a star at night", "a big star on white"])
    assert torch.equal(grass[2], snow[2])  # start, "a", "star"
    assert not torch.allclose(grass[2], before[3], atol=1e-3)
    assert right("on_grass_in_snow", "equal")


def test_two_rows_are_as_large_as_their_numbers() -> None:
    rows = torch.zeros(2, 1024)
    assert right("bytes_of_two_tokens", rows.numel() * rows.element_size())
    assert tempts("bytes_of_two_tokens", rows.numel()).startswith("The numbers are counted")


# --- LoRA -------------------------------------------------------------------------------------------------------


def test_only_b_has_a_gradient_at_first() -> None:
    a, b = torch.randn(2, 3).requires_grad_(), torch.zeros(4, 2, requires_grad=True)
    (torch.randn(5, 3) @ a.T @ b.T).square().sub(1).square().sum().backward()
    (torch.randn(5, 3) @ a.T @ b.T + 1).square().sum().backward()
    assert a.grad is not None
    assert b.grad is not None
    assert (bool(a.grad.any()), bool(b.grad.any())) == (False, True)
    assert right("learns_first", "only_b")


def test_a_bypass_is_merged_with_its_factor() -> None:
    merge = solution("lora_finetuning", "merge_lora")
    one = torch.ones(1, 1)
    assert right("merged_weight", merge(2 * one, 3 * one, 4 * one, 0.5).item())
    assert tempts("merged_weight", merge(2 * one, 3 * one, 4 * one, 1.0).item()).startswith("The factor")


def test_thin_matrices_hold_rank_times_sides() -> None:
    layer = torch.nn.ModuleDict({"to_q": torch.nn.Linear(1280, 640, bias=False)})
    inject_adapter_in_model(LoraConfig(r=16, target_modules=["to_q"]), layer)
    trained = sum(p.numel() for p in layer.parameters() if p.requires_grad)
    assert right("numbers_trained", trained)
    assert tempts("numbers_trained", 1280 * 640).startswith("The layer's own")


def test_an_adapter_on_convolutions_changes_every_picture_and_reads_no_text() -> None:
    sd, unet = stable_diffusion(), UNet2DConditionModel.from_pretrained(TINY_SD, subfolder="unet")
    texts = sd.embed(["", "a red circle"])

    def answers() -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Return what the U-Net predicts, and what its layers that read the text make of it."""
        read: list[torch.Tensor] = []
        layers = [m for n, m in unet.named_modules() if n.endswith(("attn2.to_k", "attn2.to_v"))]
        hooks = [layer.register_forward_hook(lambda _, __, result: read.append(result)) for layer in layers]
        with torch.no_grad():
            predicted = unet(sd.noise(0).expand(2, -1, -1, -1), 500, encoder_hidden_states=texts).sample
        for hook in hooks:
            hook.remove()
        return predicted, read

    before, read_before = answers()
    torch.manual_seed(0)
    inject_adapter_in_model(LoraConfig(r=2, target_modules=["conv1", "conv2"], init_lora_weights=False), unet)
    after, read_after = answers()
    assert len(read_before) == len(read_after) > 0
    assert all(torch.equal(one, other) for one, other in zip(read_before, read_after, strict=True))
    changed = (after - before).abs().flatten(1).amax(dim=1)
    assert bool((changed > 1e-3).all())  # the empty prompt as well
    assert right("only_convolutions", "every_picture")


# --- all of them ------------------------------------------------------------------------------------------------


def test_there_are_five_or_six_questions_a_lesson_and_one_counts() -> None:
    from grader.course.rubric_reading import load_rubrics

    rubrics = load_rubrics(COURSE)
    for lesson in COURSE.lessons:
        assert lesson.questions is not None
        assert len(lesson.questions.checks) in (5, 6)
        counting = [c for c in lesson.questions.checks if rubrics[lesson.name, "questions"].criterion_of(c.name)]
        assert len(counting) == 1


@pytest.mark.light
@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)
def test_nothing_is_wrong_with_them(lesson: Any) -> None:
    from grader.authoring.question_faults import question_faults
    from grader.course.rubric_reading import load_rubrics

    rubric = load_rubrics(COURSE, [lesson.name])[lesson.name, "questions"]
    assert question_faults(lesson.questions, rubric) == []
