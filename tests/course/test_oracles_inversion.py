"""Textual inversion: the checks' second forms, the facts of the lesson and the solutions, against the libraries."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save, save_file

from exercises._shared._training import alphas_cumprod, assert_loss
from exercises.textual_inversion.checks import _embeddings, _files, _similar_rows, _training, _weights
from grader.checks import CheckFailure, assert_close
from grader.course.model import Function
from grader.diffusion import loading
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.handles import Handle
from helpers.course_files import load
from helpers.equipment import WITH_MODEL
from reference.textual_inversion._training import noise_loss

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer

LESSON = "textual_inversion"


def solution(name: str, function: str = "") -> Any:
    """Return the reference solution of an exercise, as a function."""
    return getattr(load("reference", LESSON, name, "solution.py"), function or name)


def frozen(name: str) -> Any:
    """Return a part of the model of its own, frozen."""
    return copy.deepcopy(getattr(loading.load(), name)).requires_grad_(False)


@pytest.fixture
def remote(model_server: ForkServer) -> Iterator[RemoteSubmission]:
    session = Session(
        model_server, {"work.py": "def answer(*a): pass"}, {"answer": "work.py"}, call_seconds=5, equipment=WITH_MODEL
    )
    yield RemoteSubmission(session, (Function("answer", ("a", "b", "c", "d"), "", "def answer(a, b, c, d)"),))
    session.close()


# --- second forms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("timesteps", [_training.WEAK_NOISE, _training.STRONG_NOISE])
def test_the_loss_on_clean_latents_is_that_on_the_noise(timesteps: tuple[int, int]) -> None:
    (batch,) = _training.small_batches(1, seed=8, timesteps=timesteps)
    table = _embeddings.grown_table(2)
    assert_loss(_training.judged_loss(batch, table), noise_loss(batch, table), "The losses must be equal.", 1e-6)


def test_the_law_of_cosines_gives_cosines() -> None:
    generator = torch.Generator().manual_seed(0)
    table, vector = torch.randn(9, 5, generator=generator), torch.randn(5, generator=generator)
    expected = torch.cosine_similarity(table, vector[None])
    assert_close(_similar_rows.cosines(vector, table), expected, "They must be PyTorch's.", tolerance=1e-6)


def test_the_loss_is_that_of_the_solutions() -> None:
    table = _embeddings.grown_table(1)
    encoder = _embeddings.own_text_encoder(table)
    rows = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=0.0, weight_decay=0.0)
    (batch,) = _training.small_batches(1)
    models = frozen("unet"), frozen("vae"), encoder, optimizer
    step = solution("inversion_training_step")
    actual = step(*models, batch, [_embeddings.first_id()], table, alphas_cumprod())
    assert_loss(noise_loss(batch, table), actual, "The judge's loss must be the solution's.", 1e-5)


def test_an_adapter_has_as_many_numbers_as_peft_counts() -> None:
    from peft import LoraConfig

    counted = load("exercises", LESSON, "checks", "test_customization_cost.py").lora_numbers
    for rank in (1, 3, 8):
        unet = frozen("unet")
        unet.add_adapter(
            LoraConfig(r=rank, target_modules=["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"])
        )
        assert counted(rank) == sum(parameter.numel() for parameter in unet.parameters() if parameter.requires_grad)


def test_the_loader_is_the_pipelines(diffusers: Any, tmp_path: Path) -> None:
    table, prompts = _embeddings.grown_table(1), ["", "a <gem> on white", "a red circle"]
    path = tmp_path / "gem.safetensors"
    save_file({_embeddings.TOKEN: table[-1:].clone()}, path)
    loaded = loading.load()
    pipeline = diffusers.StableDiffusionPipeline(
        vae=loaded.vae, text_encoder=_embeddings.own_text_encoder(_embeddings.known_table()), tokenizer=_embeddings.own_tokenizer(),
        unet=loaded.unet, scheduler=loaded.scheduler, safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip
    pipeline.load_textual_inversion(str(tmp_path), weight_name=path.name, use_safetensors=True)
    expected = torch.cat([pipeline.encode_prompt(prompt, "cpu", 1, False)[0] for prompt in prompts])
    assert torch.equal(
        _files.states_in_pipeline(path.read_bytes(), prompts), _embeddings.states(prompts, table, _embeddings.TOKEN)
    )
    assert_close(
        expected.detach(),
        _embeddings.states(prompts, table, _embeddings.TOKEN),
        "The pipeline's must be these.",
        tolerance=1e-5,
    )


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 a pickle in a zip", b"\xff" * 64, (2**40).to_bytes(8, "little"), save({})[:9]]
)
def test_what_is_no_safetensors_file_is_the_submissions_failure(data: bytes) -> None:
    with pytest.raises(CheckFailure, match="not a safetensors file"):
        _files.entries_of(data)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float8_e4m3fn, torch.int64, torch.bool])
def test_a_row_of_another_type_is_the_submissions_failure(dtype: torch.dtype) -> None:
    with pytest.raises(CheckFailure, match="must have dtype float32"):
        _files.entries_of(save({_embeddings.TOKEN: _embeddings.known_table()[:1].to(dtype)}))


def test_a_file_of_many_rows_is_not_loaded() -> None:
    with pytest.raises(CheckFailure, match="one entry"):
        _files.states_in_pipeline(save({_embeddings.TOKEN: _embeddings.known_table()}), ["a <gem>"])


def test_a_row_under_a_known_words_name_is_the_submissions_failure() -> None:
    with pytest.raises(CheckFailure, match="refuses the file"):
        _files.states_in_pipeline(save({"a": _embeddings.known_table()[:1].clone()}), ["a <gem>"])


@pytest.mark.parametrize(
    "table",
    [None, torch.zeros(6), torch.zeros(7, 64), torch.zeros(6, 64, dtype=torch.bool), torch.zeros(6, 64).double()],
)
def test_a_table_that_is_gone_or_of_another_kind_is_the_submissions_failure(table: torch.Tensor | None) -> None:
    weights = {} if table is None else {_embeddings.TABLE: table}
    with pytest.raises(CheckFailure, match=r"it must have shape \[6, 64\], float32"):
        _weights.table_of(weights, 6)


# --- facts of the lesson ---------------------------------------------------------------------------------------


def test_what_stands_after_a_word_does_not_matter_to_the_bit() -> None:
    table = _embeddings.grown_table(1)
    told = _embeddings.states(["a photo of <gem> on sand", "a photo of <gem> in the sky"], table, _embeddings.TOKEN)
    assert torch.equal(told[0, :5], told[1, :5])
    assert not torch.equal(told[0, 5:], told[1, 5:])


def test_every_word_gets_a_gradient_and_one_row_moves() -> None:
    table = _embeddings.grown_table(1)
    encoder = _embeddings.own_text_encoder(table)
    rows = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=0.01, weight_decay=0.1)
    (batch,) = _training.small_batches(1)
    step = solution("inversion_training_step")
    step(
        frozen("unet"),
        frozen("vae"),
        encoder,
        optimizer,
        batch,
        [_embeddings.first_id()],
        table,
        alphas_cumprod(),
    )
    assert rows.grad is not None
    assert sorted(rows.grad.any(1).nonzero().flatten().tolist()) == sorted(set(batch["input_ids"].flatten().tolist()))
    assert (rows != table).any(1).nonzero().flatten().tolist() == [_embeddings.first_id()]


def test_masked_gradients_do_not_keep_the_rows() -> None:
    table = _embeddings.grown_table(1)
    wrong = load("reference", LESSON, "inversion_training_step", "wrong", "masks_gradients_only.py")
    encoder = _embeddings.own_text_encoder(table)
    rows = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=0.01, weight_decay=0.1)
    models = frozen("unet"), frozen("vae"), encoder, optimizer
    wrong.inversion_training_step(
        *models, *_training.small_batches(1), [_embeddings.first_id()], table, alphas_cumprod()
    )
    assert bool((rows != table).any(1).all())


def test_a_slice_is_no_leaf() -> None:
    table = torch.nn.Parameter(torch.ones(3, 2))
    with pytest.raises(RuntimeError, match="leaf"):
        table[1].requires_grad_(False)


def test_resizing_keeps_the_weights_and_what_is_trainable() -> None:
    encoder = copy.deepcopy(loading.load().text_encoder)
    encoder.requires_grad_(False)
    encoder.resize_token_embeddings(_embeddings.first_id() + 1)
    table = encoder.get_parameter(_embeddings.TABLE)
    assert torch.equal(table[:-1], _embeddings.known_table())
    assert not table.requires_grad


def test_the_numbers_of_stable_diffusion(diffusers: Any) -> None:
    channels = (320, 640, 1280, 1280)
    with torch.device("meta"):
        unet = diffusers.UNet2DConditionModel(
            sample_size=64, block_out_channels=channels, cross_attention_dim=768, attention_head_dim=8
        )
    encoder = loading.load().text_encoder.__class__
    with torch.device("meta"):
        text_encoder = encoder(loading.load().text_encoder.config.__class__(
            vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12
        ))  # fmt: skip
    counts = solution("customization_cost")(unet, text_encoder, 4, 1)
    assert json.dumps({way: count["parameters"] for way, count in counts.items()}) == json.dumps(
        {"textual_inversion": 768, "lora": 397_824, "full_finetuning": 859_520_964}
    )
    assert text_encoder.get_input_embeddings().weight.numel() == 37_945_344
    assert round(text_encoder.num_parameters() / 1e6) == 123


# --- recipes and readers ---------------------------------------------------------------------------------------


def test_a_tokenizer_knows_the_tokens_it_is_built_with(remote: RemoteSubmission) -> None:
    first = _embeddings.first_id()
    assert remote.read.token_ids(_embeddings.tokenizer("<gem>", "<pearl>"), ["<pearl> <gem>"]) == [[first + 1, first]]


def test_a_text_encoder_holds_the_table_it_is_built_with(remote: RemoteSubmission) -> None:
    table, prompts = _embeddings.grown_table(2, seed=5), ["a <gem>", "a <pearl>"]
    ids = _embeddings.input_ids(prompts, "<gem>", "<pearl>")
    assert torch.equal(remote.read.state_dict(_embeddings.learner(table))[_embeddings.TABLE], table)
    told = remote.read.text_states(_embeddings.learner(table), ids)
    assert_close(
        told, _embeddings.states(prompts, table, "<gem>", "<pearl>"), "They must be the judge's.", tolerance=1e-5
    )


def test_parts_are_trainable_as_they_are_asked_for(remote: RemoteSubmission) -> None:
    assert remote.read.trainable(_embeddings.learner(_embeddings.grown_table())) == [_embeddings.TABLE]
    assert remote.read.trainable(_embeddings.UNET) == []
    assert remote.read.trainable(Handle("vae", {"trainable": ["quant_conv.bias"]})) == ["quant_conv.bias"]


def test_a_gradient_flows_to_the_words_of_a_prompt(remote: RemoteSubmission) -> None:
    table = _embeddings.grown_table()
    ids = _embeddings.input_ids(["a <gem> at night"], "<gem>")
    _weights.assert_only_the_table_learns(remote, _embeddings.learner(table), _embeddings.UNET, table, ids)


def test_a_gradient_in_the_unet_is_seen(remote: RemoteSubmission) -> None:
    table, unet = _embeddings.grown_table(), Handle("unet", {"trainable": ["conv_in.bias"]})
    ids = _embeddings.input_ids(["a <gem> at night"], "<gem>")
    with pytest.raises(CheckFailure, match="in nothing else"):
        _weights.assert_only_the_table_learns(remote, _embeddings.learner(table), unet, table, ids)


def test_the_gradient_of_another_table_is_seen(remote: RemoteSubmission) -> None:
    table, ids = _embeddings.grown_table(), _embeddings.input_ids(["a <gem> at night"], "<gem>")
    learner = _embeddings.learner(_embeddings.grown_table(seed=9))
    with pytest.raises(CheckFailure, match="must be that of the loss"):
        _weights.assert_only_the_table_learns(remote, learner, _embeddings.UNET, table, ids)
