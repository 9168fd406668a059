"""The LoRA exercises' solutions and second forms against PEFT, and what their checks lean on."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings

from exercises._shared._batches import joined
from exercises._shared._training import alphas_cumprod, assert_loss, assert_same_weights
from exercises.lora_finetuning.checks import _adapters, _checkpoints, _target_modules, _two_adapters
from exercises.lora_finetuning.checks import _bypasses as draw
from exercises.lora_finetuning.checks._recorded import GRADIENTS
from exercises.lora_finetuning.checks._training import (
    assert_followed,
    assert_moved_like,
    batch_of,
    ones_and_twos,
    training_of,
)
from exercises.lora_finetuning.checks._unets import CONFIGS, TARGETS, Twins, own, untrained_unet
from grader.checks import CheckFailure, assert_close
from grader.checks.recorded import group
from grader.course.model import Function
from grader.diffusion.loading import make_scheduler
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.handles import Handle
from grader.tinyworld.concepts import style_pictures
from helpers.course_files import load
from helpers.equipment import WITH_MODEL
from reference.lora_finetuning import _hooks, _measured, _training, _two_trained

if TYPE_CHECKING:
    from grader.sandbox.outside.server import ForkServer

LESSON = "lora_finetuning"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning", "ignore::FutureWarning")


def solution(name: str) -> Any:
    return load("reference", LESSON, name, "solution.py")


INIT, MERGE, COMPOSE = map(solution, ("init_lora", "merge_lora", "compose_loras"))
COMPOSE_CHECKS = load("exercises", LESSON, "checks", "test_compose_loras.py")


@pytest.fixture(scope="module")
def sd() -> Any:
    from grader.diffusion.stable_diffusion import stable_diffusion

    return stable_diffusion()


def peft_model(weight: torch.Tensor, adapters: list[Any]) -> Any:
    """Return PEFT's model of one linear layer with all these adapters active."""
    from peft import LoraConfig, get_peft_model

    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False, dtype=weight.dtype)
    layer.weight.data.copy_(weight)
    model: Any = torch.nn.Sequential(layer)
    for number, (a, b, alpha) in enumerate(adapters):
        config = LoraConfig(r=len(a), lora_alpha=alpha, target_modules=["0"])
        if number == 0:
            model = get_peft_model(model, config, "0", autocast_adapter_dtype=False)
        else:
            model.add_adapter(str(number), config, autocast_adapter_dtype=False)
        wrapped = model.base_model.model[0]
        wrapped.lora_A[str(number)].weight.data.copy_(a)
        wrapped.lora_B[str(number)].weight.data.copy_(b)
    model.base_model.set_adapter([str(number) for number in range(len(adapters))])
    return model


# --- tensors -----------------------------------------------------------------------------------------------------


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bypass=draw.bypasses())
def test_forward_is_pefts(bypass: draw.Bypass) -> None:
    with torch.no_grad():
        expected = peft_model(bypass.weight, [bypass.adapter])(bypass.x)
    assert_close(INIT.lora_forward(*bypass), expected, "The bypass must be PEFT's.")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(single=draw.single_numbers())
def test_numbers_are_carried_as_pefts_are(single: draw.Bypass) -> None:
    with torch.no_grad():
        expected = peft_model(single.weight, [single.adapter])(single.x)
    assert_close(draw.carried(single).to(expected.dtype), expected, "The numbers must go where PEFT's go.")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bypass=draw.bypasses())
def test_merging_is_pefts(bypass: draw.Bypass) -> None:
    merged = peft_model(bypass.weight, [bypass.adapter]).merge_and_unload()[0].weight.detach()
    assert_close(MERGE.merge_lora(*bypass[1:]), merged, "Merging must be PEFT's.")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn=draw.compositions(fewest=2))
def test_composing_is_pefts(drawn: draw.Composition) -> None:
    x = torch.eye(drawn.weight.shape[1], dtype=drawn.weight.dtype)
    with torch.no_grad():
        expected = peft_model(*drawn)(x).T
    assert_close(COMPOSE.compose_loras(*drawn), expected, "Several adapters must add up as PEFT's do.")
    COMPOSE_CHECKS.assert_gives_what_the_bypasses_give(expected, drawn, "A layer must give what PEFT's gives.")


def test_normal_numbers_look_normal() -> None:
    draw.assert_normal(torch.randn(4096, generator=torch.Generator().manual_seed(0)) / 4, 1 / 4, "")


def test_even_numbers_of_the_right_spread_do_not_look_normal() -> None:
    numbers = (torch.rand(4096, generator=torch.Generator().manual_seed(0)) - 0.5) * 12**0.5
    with pytest.raises(CheckFailure, match="normal"):
        draw.assert_normal(numbers, 1.0, "These must be normal.")


# --- which modules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(CONFIGS))
def test_targets_are_the_linear_layers_of_every_attn2(name: str) -> None:
    unet = own(untrained_unet(name))
    attentions = {n: m for n, m in unet.named_modules() if n.endswith(".attn2")}
    layers = [
        f"{n}.{inner}"
        for n, m in attentions.items()
        for inner, x in m.named_modules()
        if isinstance(x, torch.nn.Linear)
    ]
    assert len(layers) == 4 * len(attentions) > 0
    assert _target_modules.due_modules(untrained_unet(name)) == sorted(layers)
    assert sorted(solution("lora_target_modules").lora_target_modules(unet)) == sorted(layers)


@pytest.mark.parametrize("name", list(CONFIGS))
def test_count_is_pefts(name: str) -> None:
    unet = untrained_unet(name)
    assert solution("lora_parameter_count").lora_parameter_count(own(unet), 5) == _target_modules.reported_numbers(
        unet, 5
    )


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (None, "The result is None"),
        (("attn2.to_q",), "of type tuple"),
        ([1], "must hold strings"),
        (["attn2.to_q.weight"], "No module of this U-Net is called"),
        (["mid_block.attentions.0.transformer_blocks.0.attn2.to_q.weight"], "name of a parameter"),
        (["attn2.to_out"], "PEFT refuses"),
    ],
)
def test_names_that_peft_cannot_use_fail_with_a_sentence(names: Any, sentence: str) -> None:
    with pytest.raises(CheckFailure, match=sentence):
        _target_modules.assert_module_names(names, untrained_unet())


# --- training ----------------------------------------------------------------------------------------------------


def test_steps_of_the_solution_are_those_of_the_oracle(sd: Any) -> None:
    training, alphas = training_of(sd, seed=1), alphas_cumprod()
    batches = [batch_of(style_pictures(2, seed=seed), seed=seed) for seed in range(2)]
    losses, adapter = _training.run(training, batches, alphas)
    twins = Twins()
    objects = [twins[handle] for handle in training.handles]
    for batch, loss in zip(batches, losses, strict=True):
        found = solution("lora_training_step").lora_training_step(*objects, batch, alphas)
        assert_loss(found, loss, "", 1e-6)
    assert_moved_like(twins[training.unet].state_dict(), adapter, training, "")


def test_oracle_adds_noise_by_the_formula(sd: Any) -> None:
    alphas = torch.linspace(0.99, 0.1, 50)
    batch = batch_of(style_pictures(3, seed=2), seed=2, length=50)
    seen = []

    def unet(noisy: torch.Tensor, *_: Any, **__: Any) -> Any:
        seen.append(noisy)
        return type("Output", (), {"sample": torch.zeros_like(noisy)})

    loss = _training.training_loss(unet, own(sd.vae), own(sd.text_encoder), batch, alphas)
    z_0 = torch.cat([sd.encode(example.picture) for example in style_pictures(3, seed=2)])
    alpha_bar = alphas[batch["timesteps"]].view(-1, 1, 1, 1)
    expected = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * batch["noise"]
    assert_close(seen[0], expected, "")
    assert_close(loss, batch["noise"].square().mean(), "")


def test_an_adapter_is_the_same_after_saving_and_loading(sd: Any) -> None:
    unet = untrained_unet()
    source = copy.deepcopy(own(unet))
    generator = torch.Generator().manual_seed(0)
    _target_modules.adapt(source, TARGETS, _adapters.RANK, _adapters.ALPHA)
    for name, parameter in source.named_parameters():
        if ".lora_" in name:
            parameter.data = torch.randn(parameter.shape, generator=generator)
    adapter = _adapters.assert_adapter(source.state_dict(), unet)
    sample, text = sd.noise(1), sd.embed(["a red circle"])
    with torch.no_grad():
        before, first, second = (
            model(sample, 10, encoder_hidden_states=text).sample
            for model in (own(unet), source, _adapters.with_adapter(unet, adapter))
        )
    assert_close(second, first, "")
    assert not torch.allclose(first, before, atol=0.1)


def followed(sd: Any, train: Any) -> None:
    unet = untrained_unet()
    twin, alphas = copy.deepcopy(own(unet)), alphas_cumprod()
    batches = [batch_of(style_pictures(1, seed=seed), seed=seed) for seed in range(3)]
    torch.manual_seed(5)
    train(twin, own(sd.vae), own(sd.text_encoder), batches, alphas, 1e-3)
    adapter = _adapters.assert_adapter(twin.state_dict(), unet)
    _training.assert_followed_exactly(adapter, unet, sd, batches, 1e-3)


def test_following_finds_the_solution_right(sd: Any) -> None:
    followed(sd, solution("train_style_lora").train_style_lora)


def test_following_tells_a_new_optimizer_in_every_step(sd: Any) -> None:
    wrong = load("reference", LESSON, "train_style_lora", "wrong", "new_optimizer_every_step.py")
    with pytest.raises(CheckFailure, match="one AdamW"):
        followed(sd, wrong.train_style_lora)


def test_public_following_finds_the_same_with_recorded_gradients(sd: Any) -> None:
    unet = untrained_unet()
    for variant, right in (("solution.py", True), ("wrong/new_optimizer_every_step.py", False)):
        train = load("reference", LESSON, "train_style_lora", *variant.split("/")).train_style_lora
        twin = copy.deepcopy(own(unet))
        train(twin, own(sd.vae), own(sd.text_encoder), ones_and_twos(), alphas_cumprod(), 2e-6)
        adapter = _adapters.assert_adapter(twin.state_dict(), unet)
        with nullcontext() if right else pytest.raises(CheckFailure, match="one AdamW"):
            assert_followed(adapter, GRADIENTS, 2e-6)


def test_one_changed_bit_of_the_base_is_found(sd: Any) -> None:
    weights = {name: value.clone() for name, value in own(sd.vae).state_dict().items()}
    name = min(weights)
    weights[name].view(torch.int32).view(-1)[0] ^= 1
    with pytest.raises(CheckFailure, match="to the bit"):
        assert_same_weights(weights, own(sd.vae).state_dict(), "the autoencoder")


# --- recipes -----------------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_workers_and_judge_build_the_same_adapter(model_server: ForkServer, sd: Any) -> None:
    training = training_of(sd, rank=2)
    source = "def answer(unet, optimizer): return [p is q for p, q in zip(optimizer.param_groups[0]['params'], " + (
        "(p for p in unet.parameters() if p.requires_grad), strict=True)]"
    )
    session = Session(model_server, {"work.py": source}, {"answer": "work.py"}, call_seconds=5, equipment=WITH_MODEL)
    remote = RemoteSubmission(session, (Function("answer", ("a", "b"), "", "def answer(a, b)"),))
    try:
        same = remote.answer(training.unet, training.optimizer)
        weights = remote.read.state_dict(training.unet)
        trainable = remote.read.trainable(training.unet)
    finally:
        session.close()
    expected = Twins()[training.unet].state_dict()
    assert same == [True] * len(trainable)
    assert trainable == [name for name in weights if ".lora_" in name]
    assert weights.keys() == expected.keys()
    assert all(torch.equal(weights[name], value) for name, value in expected.items())


def test_a_fresh_adapter_starts_at_zero(sd: Any) -> None:
    weights = Twins()[training_of(sd, b_spread=0.0).unet].state_dict()
    sides = {side: [v for n, v in weights.items() if f".{side}." in n] for side in ("lora_A", "lora_B")}
    assert all(not value.any() for value in sides["lora_B"])
    assert all(value.all() for value in sides["lora_A"])


def test_untrained_unets_of_one_seed_are_equal() -> None:
    first, second, other = (Twins()[untrained_unet(seed=seed)].conv_in.weight for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_twins_share_what_equal_handles_stand_for() -> None:
    twins = Twins()
    assert twins[untrained_unet()] is twins[Handle("untrained_unet", dict(untrained_unet().arguments))]
    assert twins[untrained_unet()] is not Twins()[untrained_unet()]


@pytest.mark.parametrize("timestep", _two_adapters.TIMESTEPS)
def test_recorded_predictions_of_two_adapters_are_those_of_bypasses_and_of_peft(sd: Any, timestep: int) -> None:
    task = _two_adapters.trained_task(sd, timestep)
    by_hooks = _hooks.asked(task)
    by_peft = _two_trained.predictions({"pink": task.first, "night": task.second}, sd, timestep)
    for name in _two_adapters.PREDICTIONS:
        expected = _two_adapters.predicted(timestep, name)
        assert_close(getattr(by_hooks, name), expected, "The bypasses' must be the recorded one.", tolerance=1e-5)
        assert_close(by_peft[name], expected, "PEFT's must be the recorded one.", tolerance=1e-5)
    both, first = (_two_adapters.predicted(timestep, name) for name in ("both", "first"))
    assert float((both - first).abs().mean()) > 0.05


@pytest.mark.parametrize("parts", [_two_adapters.by_ranks, _two_adapters.by_layers])
def test_parts_of_an_adapter_add_up(parts: Any) -> None:
    whole = _two_adapters.small_task(seed=1).second
    first, second = parts(whole)
    for layer, (a, b, alpha) in whole.items():
        shares = [part[layer] for part in (first, second) if layer in part]
        found = torch.stack([share / len(A) * B @ A for A, B, share in shares]).sum(dim=0)
        assert_close(found, alpha / len(a) * b @ a, "The parts must add up to the whole.", tolerance=1e-6)


@pytest.mark.parametrize("of", ["gem", "small"])
def test_recorded_numbers_of_checkpoints_are_those_of_bypasses(sd: Any, of: str) -> None:
    task = _checkpoints.trained_task(sd) if of == "gem" else _checkpoints.small_task()
    found, expected = _measured.measured(task), _checkpoints.measured(of)
    for name in _checkpoints.MEASURED:
        _checkpoints.assert_each(getattr(found, name), getattr(expected, name), "", 1e-5)
    assert found.keep == expected.keep


def test_pefts_own_adapter_has_the_recorded_losses(sd: Any) -> None:
    task, place = _checkpoints.trained_task(sd), 2
    unet = copy.deepcopy(own(sd.unet))
    _adapters.put_on(unet, group(_checkpoints.recorded(), str(_checkpoints.STEPS[place])))
    for name in ("trained_on", "held_out"):
        whole = joined(getattr(task, name))
        latents_t = make_scheduler("ddim").add_noise(whole["latents"], whole["noise"], whole["timesteps"])
        with torch.no_grad():
            found = unet(latents_t, whole["timesteps"], encoder_hidden_states=whole["text_embeddings"]).sample
        loss = float(torch.nn.functional.mse_loss(found, whole["noise"]))
        _checkpoints.assert_each([loss], [getattr(_checkpoints.measured("gem"), name)[place]], "", 1e-5)


@pytest.mark.parametrize("seed", _checkpoints.SEEDS_OF_KEEP)
def test_what_is_kept_tells_the_held_out_loss_from_other_numbers(seed: int) -> None:
    found = _measured.measured(_checkpoints.small_task(seed=seed, count=5))
    others = [_checkpoints.first_of_the_least(numbers) for numbers in (found.trained_on, found.drift)]
    assert found.keep not in (others[0], len(found.held_out) - 1)
    lowest, second = sorted(found.held_out)[:2]
    assert second - lowest > 1e-3
    if seed == _checkpoints.SEEDS_OF_KEEP[0]:
        assert found.keep not in others
        assert found.held_out[1] > found.held_out[0] > lowest  # it rises, and falls lower than it was
