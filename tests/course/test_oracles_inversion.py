"""Textual inversion: the checks' second forms, the facts of the lesson and the solutions, against the libraries."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save, save_file

from grader.checks import CheckFailure, assert_close
from grader.checks import inversion as own
from grader.course import Function
from grader.diffusion import loading
from grader.sandbox.outside.remote import RemoteSubmission
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.handles import Handle
from helpers.course_files import load
from helpers.equipment import WITH_MODEL

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


def test_the_law_of_cosines_gives_cosines() -> None:
    generator = torch.Generator().manual_seed(0)
    table, vector = torch.randn(9, 5, generator=generator), torch.randn(5, generator=generator)
    expected = torch.cosine_similarity(table, vector[None])
    assert_close(own.cosines(vector, table), expected, "They must be PyTorch's.", tolerance=1e-6)


def test_the_loss_is_that_of_the_solutions() -> None:
    table = own.grown_table(1)
    encoder = own.own_text_encoder(table)
    rows = encoder.get_parameter(own.TABLE).requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=0.0, weight_decay=0.0)
    (batch,) = own.small_batches(1)
    models = frozen("unet"), frozen("vae"), encoder, optimizer
    step = solution("inversion_training_step")
    actual = step(*models, batch, [own.first_id()], table, own.alphas_cumprod())
    own.assert_loss(own.noise_loss(batch, table), actual, "The judge's loss must be the solution's.")


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
    table, prompts = own.grown_table(1), ["", "a <gem> on white", "a red circle"]
    path = tmp_path / "gem.safetensors"
    save_file({own.TOKEN: table[-1:].clone()}, path)
    loaded = loading.load()
    pipeline = diffusers.StableDiffusionPipeline(
        vae=loaded.vae, text_encoder=own.own_text_encoder(own.known_table()), tokenizer=own.own_tokenizer(),
        unet=loaded.unet, scheduler=loaded.scheduler, safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    )  # fmt: skip
    pipeline.load_textual_inversion(str(tmp_path), weight_name=path.name, use_safetensors=True)
    expected = torch.cat([pipeline.encode_prompt(prompt, "cpu", 1, False)[0] for prompt in prompts])
    assert torch.equal(own.states_in_pipeline(path.read_bytes(), prompts), own.states(prompts, table, own.TOKEN))
    assert_close(
        expected.detach(), own.states(prompts, table, own.TOKEN), "The pipeline's must be these.", tolerance=1e-5
    )


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04 a pickle in a zip", b"\xff" * 64, (2**40).to_bytes(8, "little"), save({})[:9]]
)
def test_what_is_no_safetensors_file_is_the_submissions_failure(data: bytes) -> None:
    with pytest.raises(CheckFailure, match="no safetensors file"):
        own.entries_of(data)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float8_e4m3fn, torch.int64, torch.bool])
def test_a_row_of_another_type_is_the_submissions_failure(dtype: torch.dtype) -> None:
    with pytest.raises(CheckFailure, match="must be of float32"):
        own.entries_of(save({own.TOKEN: own.known_table()[:1].to(dtype)}))


def test_a_file_of_many_rows_is_not_loaded() -> None:
    with pytest.raises(CheckFailure, match="one entry"):
        own.states_in_pipeline(save({own.TOKEN: own.known_table()}), ["a <gem>"])


def test_a_row_under_a_known_words_name_is_the_submissions_failure() -> None:
    with pytest.raises(CheckFailure, match="refuses the file"):
        own.states_in_pipeline(save({"a": own.known_table()[:1].clone()}), ["a <gem>"])


@pytest.mark.parametrize("weights", [{}, {own.TABLE: torch.zeros(6)}, {own.TABLE: torch.zeros(7, 64)}])
def test_a_table_that_is_gone_or_of_another_shape_is_the_submissions_failure(weights: dict[str, torch.Tensor]) -> None:
    with pytest.raises(CheckFailure, match=r"it must have shape \[6, 64\]"):
        own.table_of(weights, 6)


# --- facts of the lesson ---------------------------------------------------------------------------------------


def test_what_stands_after_a_word_does_not_matter_to_the_bit() -> None:
    table = own.grown_table(1)
    told = own.states(["a photo of <gem> on sand", "a photo of <gem> in the sky"], table, own.TOKEN)
    assert torch.equal(told[0, :5], told[1, :5])
    assert not torch.equal(told[0, 5:], told[1, 5:])


def test_every_word_gets_a_gradient_and_one_row_moves() -> None:
    table = own.grown_table(1)
    encoder = own.own_text_encoder(table)
    rows = encoder.get_parameter(own.TABLE).requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=0.01, weight_decay=0.1)
    (batch,) = own.small_batches(1)
    step = solution("inversion_training_step")
    step(frozen("unet"), frozen("vae"), encoder, optimizer, batch, [own.first_id()], table, own.alphas_cumprod())
    assert rows.grad is not None
    assert sorted(rows.grad.any(1).nonzero().flatten().tolist()) == sorted(set(batch["input_ids"].flatten().tolist()))
    assert (rows != table).any(1).nonzero().flatten().tolist() == [own.first_id()]


def test_masked_gradients_do_not_keep_the_rows() -> None:
    table = own.grown_table(1)
    wrong = load("reference", LESSON, "inversion_training_step", "wrong", "masks_gradients_only.py")
    encoder = own.own_text_encoder(table)
    rows = encoder.get_parameter(own.TABLE).requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=0.01, weight_decay=0.1)
    models = frozen("unet"), frozen("vae"), encoder, optimizer
    wrong.inversion_training_step(*models, *own.small_batches(1), [own.first_id()], table, own.alphas_cumprod())
    assert bool((rows != table).any(1).all())


def test_a_slice_is_no_leaf() -> None:
    table = torch.nn.Parameter(torch.ones(3, 2))
    with pytest.raises(RuntimeError, match="leaf"):
        table[1].requires_grad_(False)


def test_resizing_keeps_the_weights_and_what_is_trainable() -> None:
    encoder = copy.deepcopy(loading.load().text_encoder)
    encoder.requires_grad_(False)
    encoder.resize_token_embeddings(own.first_id() + 1)
    table = encoder.get_parameter(own.TABLE)
    assert torch.equal(table[:-1], own.known_table())
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
    first = own.first_id()
    assert remote.read.token_ids(own.tokenizer("<gem>", "<pearl>"), ["<pearl> <gem>"]) == [[first + 1, first]]


def test_a_text_encoder_holds_the_table_it_is_built_with(remote: RemoteSubmission) -> None:
    table, prompts = own.grown_table(2, seed=5), ["a <gem>", "a <pearl>"]
    ids = own.input_ids(prompts, "<gem>", "<pearl>")
    assert torch.equal(remote.read.state_dict(own.learner(table))[own.TABLE], table)
    told = remote.read.text_states(own.learner(table), ids)
    assert_close(told, own.states(prompts, table, "<gem>", "<pearl>"), "They must be the judge's.", tolerance=1e-5)


def test_parts_are_trainable_as_they_are_asked_for(remote: RemoteSubmission) -> None:
    assert remote.read.trainable(own.learner(own.grown_table())) == [own.TABLE]
    assert remote.read.trainable(own.UNET) == []
    assert remote.read.trainable(Handle("vae", {"trainable": ["quant_conv.bias"]})) == ["quant_conv.bias"]


def test_a_gradient_flows_to_the_words_of_a_prompt(remote: RemoteSubmission) -> None:
    own.assert_flow(remote, own.learner(own.grown_table()), own.UNET, own.input_ids(["a <gem> at night"], "<gem>"))
