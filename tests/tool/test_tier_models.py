"""Models for the second tier, by folder, hub name or single file: how they are loaded, and which are refused."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from grader.checks import distance
from grader.diffusion import loading, resources
from grader.diffusion.choice import NETWORKS, TINY, TINY_SD, Choice
from grader.diffusion.precision import hide_precision
from grader.diffusion.request import ModelRequest, load_chosen, resolve_model
from grader.diffusion.single_file import unpacked
from grader.errors import UsageError
from helpers import single_file

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("_tiny_model_again")


@pytest.fixture
def changed(model: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copy the model with keys of its JSON files changed."""

    def change(changes: dict[str, dict[str, Any]]) -> Path:
        folder = tmp_path / "changed"
        shutil.copytree(model, folder)
        for name, keys in changes.items():
            path = folder / name
            path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | keys), encoding="utf-8")
        return folder

    return change


def test_weights_of_half_precision_are_read_where_there_are_no_others(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "half"
    shutil.copytree(model, folder)
    for path in folder.rglob("*.safetensors"):
        half = {name: value.half() for name, value in load_file(path).items()}
        save_file(half, path.with_suffix(".fp16.safetensors"), metadata={"format": "pt"})
        path.unlink()
    choice = resolve_model(ModelRequest(str(folder), "cpu", "float32"))
    loading.use(**choice.arguments())
    assert distance(loading.load().unet.conv_in.weight, loading.load(TINY_SD).unet.conv_in.weight) < 1e-3


def test_the_side_of_pictures_can_be_chosen(model: Path) -> None:
    from grader.diffusion.stable_diffusion import stable_diffusion

    loading.use(**resolve_model(ModelRequest(str(model), "cpu", "float32", 128)).arguments())
    sd = stable_diffusion()
    assert sd.latent_shape == (4, 32, 32)
    assert sd.picture().size == (128, 128)
    assert sd.latents().shape == (1, 4, 32, 32)


# --- one model in memory ---


def test_workers_share_the_weights_and_nothing_else(model: Path) -> None:
    loading.use(**resolve_model(ModelRequest(str(model), "cpu", "float32")).arguments())
    first, second = loading.copy_of("unet"), loading.copy_of("unet")
    assert first.conv_in.weight.data_ptr() == second.conv_in.weight.data_ptr()
    first.requires_grad_(False)
    first.register_to_config(in_channels=9)
    first.conv_in.weight.grad = torch.zeros_like(first.conv_in.weight)
    assert second.conv_in.weight.requires_grad
    assert second.config.in_channels == 4
    assert second.conv_in.weight.grad is None


def test_weights_that_were_written_over_are_read_again(model: Path) -> None:
    loading.use(**resolve_model(ModelRequest(str(model), "cpu", "bfloat16")).arguments())
    first = loading.copy_of("unet")
    before = first.conv_in.weight.detach().clone()
    first.conv_in.weight.data += 1
    assert torch.equal(loading.copy_of("unet").conv_in.weight, before)


def test_the_model_before_is_in_use_again_after_a_block(model: Path) -> None:
    choice = resolve_model(ModelRequest(str(model), "cpu", "float32"))

    def fails() -> None:
        with loading.using(choice) as used:
            assert (used.choice, loading.in_use()) == (choice, used)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert loading.in_use().choice == TINY


def test_models_in_one_process_do_not_touch_each_other(model: Path) -> None:
    half, single = (
        loading.load_model(resolve_model(ModelRequest(str(model), "cpu", dtype))) for dtype in ("bfloat16", "float32")
    )
    before = [used.copy_of("unet").conv_in.weight.detach().clone() for used in (half, single)]
    single.copy_of("unet").conv_in.weight.data += 1
    assert torch.equal(half.copy_of("unet").conv_in.weight, before[0])
    assert torch.equal(single.copy_of("unet").conv_in.weight, before[1])
    assert loading.in_use().choice == TINY


def test_a_model_in_half_precision_takes_and_gives_what_the_statement_says() -> None:
    layer = torch.nn.Conv2d(4, 4, 1).to(torch.bfloat16)
    seen: list[torch.Tensor] = []
    layer.register_forward_hook(lambda _module, _given, made: seen.append(made))

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = layer

        def forward(self, sample: torch.Tensor, timestep: torch.Tensor) -> dict[str, torch.Tensor]:
            return {"sample": self.layer(sample), "timestep": timestep}

    model = Model()
    hide_precision(model)
    made = model(torch.ones(1, 4, 2, 2), torch.tensor(981.0))
    assert (seen[0].dtype, made["sample"].dtype) == (torch.bfloat16, torch.float32)
    assert made["timestep"] == 981  # which bfloat16 would round to 980
    assert (type(model).__name__, model.dtype, model.device) == ("Model", torch.float32, torch.device("cpu"))
    assert isinstance(model, Model)


# --- what is refused, in one sentence ---

KINDS = [
    ({"model_index.json": {"_class_name": "StableDiffusionXLPipeline"}}, "is Stable Diffusion XL, whose U-Net wants"),
    ({"model_index.json": {"text_encoder_2": ["transformers", "CLIPTextModel"]}}, "is Stable Diffusion XL"),
    ({"model_index.json": {"_class_name": "FluxPipeline"}}, "is a FluxPipeline: give a Stable Diffusion 1.x"),
    ({"scheduler/scheduler_config.json": {"prediction_type": "v_prediction"}}, "predicts v_prediction, where"),
    ({"unet/config.json": {"in_channels": 9}}, "has 9 input channels (an inpainting model: latents, mask and"),
    ({"unet/config.json": {"in_channels": 8}}, "has 8 input channels, where 4 are needed"),
    ({"unet/config.json": {"addition_embed_type": "text_time"}}, "wants more than text (its addition_embed_type is"),
    ({"vae/config.json": {"latent_channels": 16}}, "have 16 channels, where 4 are needed"),
    ({"text_encoder/config.json": {"model_type": "t5"}}, "is a t5, where CLIP's is needed"),
    ({"text_encoder/config.json": {"hidden_size": 1024}}, "gives states of width 1024, and its U-Net takes 64"),
]


@pytest.mark.parametrize(("changes", "sentence"), KINDS)
def test_a_model_of_another_kind_is_refused(
    changes: dict[str, dict[str, Any]], sentence: str, changed: Callable[..., Path]
) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        resolve_model(ModelRequest(str(changed(changes)), "cpu", "float32"))


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("model_index.json", "has no model_index.json: give a folder"),
        ("unet/config.json", "has no unet/config.json: give a folder"),
        ("vae/diffusion_pytorch_model.safetensors", "has no weights in vae/*.safetensors: give a folder"),
    ],
)
def test_a_folder_with_a_file_missing_is_refused(file: str, sentence: str, changed: Callable[..., Path]) -> None:
    folder = changed({})
    (folder / file).unlink()
    with pytest.raises(UsageError, match=re.escape(sentence)):
        resolve_model(ModelRequest(str(folder), "cpu", "float32"))


# --- a single file ---


@pytest.fixture
def single(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the tiny model as a single file beside a tokenizer; what is made of it goes into a folder of the test."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HOME", str(tmp_path / "home"))
    single_file.write(model, tmp_path / "tiny.safetensors")
    shutil.copytree(model / "tokenizer", tmp_path / "tokenizer")
    return tmp_path / "tiny.safetensors"


def test_a_single_file_becomes_a_folder_with_the_same_weights(single: Path, model: Path) -> None:
    folder = unpacked(single, model)
    for name in NETWORKS:
        made, known = (load_file(next((each / name).glob("*.safetensors"))) for each in (folder, model))
        assert made.keys() == known.keys()
        assert all(torch.equal(made[key], known[key]) for key in known)
    changed = (folder / "model_index.json").stat().st_mtime_ns
    assert (unpacked(single, model) / "model_index.json").stat().st_mtime_ns == changed  # it is converted once


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "takes text of width 64, where 768 is needed"),
        ({"conditioner.embedders.0.x": torch.zeros(1)}, "is Stable Diffusion XL, which has two text encoders"),
        ({"cond_stage_model.model.x": torch.zeros(1)}, "is Stable Diffusion 2.x, whose text encoder is another one"),
        ({"model.diffusion_model.input_blocks.0.0.weight": torch.zeros(8, 9, 3, 3)}, "has 9 input channels, where 4"),
    ],
)
def test_a_single_file_of_another_kind_is_refused(
    changes: dict[str, torch.Tensor], sentence: str, single: Path, model: Path
) -> None:
    single_file.write(model, single, **changes)
    with pytest.raises(UsageError, match=re.escape(sentence)):
        resolve_model(ModelRequest(str(single), "cpu", "float32"))


def test_a_file_that_could_run_programs_is_refused(single: Path) -> None:
    pickled = single.rename(single.with_suffix(".ckpt"))
    with pytest.raises(UsageError, match=r"is not a \.safetensors file, and files of other kinds can run programs"):
        resolve_model(ModelRequest(str(pickled), "cpu", "float32"))


def test_a_file_without_a_tokenizer_is_refused_offline(
    single: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(single.parent / "tokenizer")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(single.parent / "hub"))
    with pytest.raises(UsageError, match=r"holds no tokenizer, .* go online, or put a folder `tokenizer` of a"):
        unpacked(single, model)


def test_samplers_are_made_of_any_scheduler_in_the_folder(changed: Callable[..., Path]) -> None:
    trailing = {"_class_name": "EulerAncestralDiscreteScheduler", "timestep_spacing": "trailing", "steps_offset": 0}
    choice = Choice(changed({"scheduler/scheduler_config.json": trailing}), name="other")
    with loading.using(choice):
        firsts = []
        for kind in loading.SCHEDULERS:
            made = loading.make_scheduler(kind)
            made.set_timesteps(4)
            firsts.append(float(made.timesteps[0]))
    assert firsts == [999, 999, 999]  # trailing spacing starts at the last one that was trained


# --- what does not fit ---


def test_jobs_need_more_memory_and_the_sentence_says_what_helps(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, four = (resources.needs(Choice(model, dtype="bfloat16", pixels=512), jobs) for jobs in (1, 4))
    assert one.memory < four.memory / 3
    monkeypatch.setattr(resources, "free_memory", lambda: one.memory + 1)
    resolve_model(ModelRequest(str(model), "cpu", "bfloat16", 512))
    with pytest.raises(UsageError, match="close what you can, or say --pixels 256 or --jobs 1"):
        resolve_model(ModelRequest(str(model), "cpu", "bfloat16", 512), jobs=4)


def test_a_gpu_holds_two_copies_and_a_step_of_training(model: Path) -> None:
    small, large = (resources.needs(Choice(model, "cuda:1", "float16", pixels)) for pixels in (256, 512))
    assert 0 < small.gpu < large.gpu
    assert small.memory == large.memory


@pytest.mark.parametrize("left_bytes", [11, 100, 100_000], ids=["no header", "half a header", "half the weights"])
def test_damaged_weights_are_refused(left_bytes: int, changed: Callable[..., Path]) -> None:
    folder = changed({})
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:left_bytes])
    with pytest.raises(UsageError, match="is damaged or incomplete: copy the model again"):
        resolve_model(ModelRequest(str(folder), "cpu", "float32"))


def test_weights_that_end_too_early_are_the_users_to_copy_again(changed: Callable[..., Path]) -> None:
    folder = changed({})
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    choice = resolve_model(ModelRequest(str(folder), "cpu", "float32"))
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(UsageError, match=r"cannot be loaded \(.*\): copy the model again"):
        load_chosen(choice)
    assert loading.in_use().choice != choice


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            "GatedRepoError",
            "is gated: accept its licence at https://huggingface.co/owner/name, then log in with `hf auth",
        ),
        ("RepositoryNotFoundError", "The hub does not have owner/name, or hides it from you: correct the name"),
        ("LocalEntryNotFoundError", "has no copy, and the hub cannot be reached. Go online, or copy the model here"),
    ],
)
def test_weights_that_the_hub_does_not_give_are_refused(
    error: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub import errors

    def download(_name: str, *, local_files_only: bool = False, **_: Any) -> str:
        if local_files_only or error == "LocalEntryNotFoundError":
            raise errors.LocalEntryNotFoundError("not here")
        httpx = importlib.import_module("httpx2" if importlib.util.find_spec("httpx2") else "httpx")  # as the hub does
        response = httpx.Response(403, request=httpx.Request("GET", "https://huggingface.co/owner/name"))
        raise getattr(errors, error)("no", response=response)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    with pytest.raises(UsageError, match=re.escape(sentence)):
        resolve_model(ModelRequest("owner/name", "cpu"))


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="a GPU is there")
@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        (None, "No GPU was found (PyTorch"),
        ("cuda", "Device cuda is not available (PyTorch"),
        ("mps", "Device mps is not available (it needs macOS"),
    ],
)
def test_a_missing_gpu_is_said_with_the_way_out(device: str | None, sentence: str, model: Path) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)) as caught:
        resolve_model(ModelRequest(str(model), device))
    assert "--device cpu" in str(caught.value)


def test_too_little_memory_is_said_with_the_numbers(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "free_memory", lambda: 2**30)
    with pytest.raises(UsageError, match=r"needs \d\.\d GiB of memory in float32, and 1\.0 GiB are free: close what"):
        resolve_model(ModelRequest(str(model), "cpu", "float32"))
