"""The second tier: the same checks on a model that is loaded by folder or hub name, with the tiny one in its place."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch
from safetensors.torch import load_file, save_file

from grader.checks import distance
from grader.classroom.run import REAL_MODEL, _is_made_of
from grader.cli.main import run
from grader.cli.status import USAGE
from grader.course.finding import find_course
from grader.course.model import Course
from grader.course.rubric_reading import RubricError, load_rubrics
from grader.diffusion import loading, resources
from grader.diffusion.choice import NETWORKS, TINY, TINY_SD, Choice
from grader.diffusion.machine import machine
from grader.diffusion.precision import hide_precision
from grader.diffusion.request import ModelRequest, load_chosen, refuse_unmeasured, resolve_model
from grader.diffusion.single_file import unpacked
from grader.diffusion.tolerances import SCHEMA, Row, Table, between, read, to_json
from grader.errors import GraderError, NotAskedError, UsageError
from grader.grading import Conditions, Grader
from grader.jobs import Settings
from grader.results import Outcome
from grader.sandbox.outside.server import ForkServer, Isolation, Machine
from grader.sandbox.outside.session import Session
from grader.sandbox.wire.messages import Equipment
from grader.submission.reading import read_submission
from grader.tiers import with_real_model
from helpers import single_file
from helpers.course_factory import make_course
from helpers.equipment import BENCH, bench_of
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.results import ExerciseResult, Verdict

DTYPES = ("float32", "bfloat16", "float16")
CHECKS = '''
import pytest

from grader.checks import assert_close, assert_equal


@pytest.mark.tier("cpu", "gpu")
def test_one_step(submission, sd):
    """One step of DDIM is the pipeline's."""
    run = {"latents": sd.noise(0), "num_inference_steps": 1, **sd.prompt("a red circle on white")}
    actual = submission.sample(sd.unet, sd.scheduler(), **run)
    assert_close(actual, sd.text_to_image(**run), "The result must be the pipeline's.", tolerance=sd.tolerance(run))


def test_on_the_tiny_model(submission, sd):
    """The tiny model's pictures are 64 pixels wide."""
    assert_equal(sd.latent_shape[1] * sd.scale_factor, 64, "64 pixels.")
    submission.sample(sd.unet, sd.scheduler(), sd.noise(0), 1, **sd.prompt("a red circle on white"))


@pytest.mark.tier("gpu")
def test_on_a_real_model(submission, sd):
    """The weights are frozen, by every look at them."""
    submission.sample(sd.unet, sd.scheduler(), sd.noise(0), 1, **sd.prompt("a red circle on white"))
    assert_equal(submission.read.calls(sd.unet)[0]["shape"][0], 2, "Both halves in one pass.")
'''
STUB = '"""One sampling loop."""\n\n\ndef sample(unet, scheduler, latents, num_inference_steps, text_embeddings, guidance_scale):\n    """Sample."""\n    raise NotImplementedError\n'
SOLUTION = """
import torch

@torch.no_grad()
def sample(unet, scheduler, latents, num_inference_steps, text_embeddings, guidance_scale):
    scheduler.set_timesteps(num_inference_steps)
    for t in scheduler.timesteps:
        both = unet(torch.cat([latents] * 2), t, encoder_hidden_states=text_embeddings).sample
        uncond, text = both.chunk(2)
        latents = scheduler.step(uncond + guidance_scale * (text - uncond), t, latents).prev_sample
    return latents
"""
ONE_PASS_EACH = SOLUTION.replace(
    "both = unet(torch.cat([latents] * 2), t, encoder_hidden_states=text_embeddings).sample",
    "both = torch.cat([unet(latents, t, encoder_hidden_states=e).sample for e in text_embeddings.chunk(2)])",
)
WRONG = SOLUTION.replace("(text - uncond)", "(uncond - text)")
RUBRIC = """
schema = "grader.rubric/1"
title = "Sampling"
points = 10

[exercises.sample]
points = 10

[[exercises.sample.criteria]]
title = "On both"
points = 3
visibility = "public"
checks = ["test_one_step"]

[[exercises.sample.criteria]]
title = "On the tiny one"
points = 2
visibility = "public"
checks = ["test_on_the_tiny_model"]

[[exercises.sample.criteria]]
title = "On a real one"
points = 5
visibility = "public"
tier = "gpu"
checks = ["test_on_a_real_model"]
"""
ROW = Row("cpu", "float32", "latents", 1, 1e-6, 1e-2, 1e-4, 5, "made up")


def make(root: Path, checks: str = CHECKS, rubric: str = RUBRIC) -> Course:
    """Write the course of one exercise, with tolerances for every dtype."""
    files = {
        "exercises/_workbench.py": BENCH.workbench.text,
        "exercises/lesson/sample.py": STUB,
        "exercises/lesson/checks/test_sample.py": checks,
        "reference/lesson/sample/solution.py": SOLUTION,
        "rubrics/lesson.toml": rubric,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    table = Table(SCHEMA, tuple(_row(dtype=dtype, tolerance=0.05) for dtype in DTYPES))
    (root / "tolerances.json").write_text(to_json(table))
    return find_course(root)


def _row(**changes: Any) -> Row:
    return Row(**{**{name: getattr(ROW, name) for name in Row.__struct_fields__}, **changes})


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the tiny model, as anybody's model."""
    folder = tmp_path_factory.mktemp("models") / "somebodys"
    shutil.copytree(TINY_SD, folder)
    return folder


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


@pytest.fixture(autouse=True)
def _tiny_model_again() -> Iterator[None]:
    with loading.using(TINY):
        yield


def real(choice: Choice) -> Equipment:
    return Equipment(BENCH.workbench, choice.arguments())


@pytest.fixture(scope="module")
def server_of(model: Path) -> Iterator[Callable[[Choice], ForkServer]]:
    """Return a fork server for a model: it is started for one, as for `grade`, and changes to each of the others."""
    first = resolve_model(ModelRequest(str(model), "cpu", "float32"))
    with ForkServer(Isolation.AUTO, real(first), machine(first)) as server:
        in_use = first

        def serving(choice: Choice) -> ForkServer:
            nonlocal in_use
            if choice != in_use:
                server.prepare(real(choice))
                server._machine, in_use = machine(choice), choice
            return server

        yield serving


@pytest.fixture
def grade(
    course: Course, server_of: Callable[[Choice], ForkServer], tmp_path: Path
) -> Callable[[str, Choice], Verdict]:
    """Grade the source of a submission to the course on a model."""

    def verdict(source: str, choice: Choice) -> Verdict:
        work = tmp_path / "work.py"
        work.write_text(source, encoding="utf-8")
        grader = Grader(course, server_of(choice), model=choice, call_seconds=PLENTY)
        return grader.grade(read_submission(work), course.exercises)

    return verdict


def outcomes(exercise: ExerciseResult) -> dict[str, str]:
    return {check.name: str(check.outcome) for check in exercise.checks}


# --- which checks run where ---


def test_a_mark_says_on_which_tiers_a_check_runs(course: Course) -> None:
    tiers = {check.name: check.tiers for check in course.exercises[0].checks}
    assert tiers == {
        "test_one_step": ("cpu", "gpu"),
        "test_on_the_tiny_model": ("cpu",),
        "test_on_a_real_model": ("gpu",),
    }


@pytest.mark.parametrize("mark", ["tier", "tier()", 'tier("tpu")', "tier(TIERS)", 'tier("cpu", only=True)'])
def test_a_mark_that_names_no_tiers_is_refused(mark: str, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"test_sample\.py:15: the mark of the check `test_on_the_tiny_model` names no"
    ):
        make(tmp_path, CHECKS.replace("\n\n\ndef test_on_the_tiny", f"\n\n\n@pytest.mark.{mark}\ndef test_on_the_tiny"))


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            'tier = "gpu"\n',
            "",
            'of tier "cpu", but check `test_on_a_real_model` runs on tier "gpu" only: say tier = "gpu"',
        ),
        (
            'checks = ["test_on_the_tiny_model"]',
            'tier = "gpu"\nchecks = ["test_on_the_tiny_model"]',
            'of tier "gpu", but check `test_on_the_tiny_model` runs on tier "cpu" only: mark it @pytest.mark.tier(',
        ),
    ],
)
def test_a_criterion_of_another_tier_than_its_checks_is_refused(
    before: str, after: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(RubricError, match=re.escape(sentence)):
        load_rubrics(make(tmp_path, rubric=RUBRIC.replace(before, after)))


def test_without_a_model_a_gpu_criterion_is_pending_and_no_zero(
    course: Course, model_server: ForkServer, tmp_path: Path
) -> None:
    (tmp_path / "work.py").write_text(SOLUTION, encoding="utf-8")
    verdict = Grader(course, model_server).grade(read_submission(tmp_path / "work.py"), course.exercises)
    [exercise] = verdict.exercises
    assert verdict.tier == "cpu"
    assert outcomes(exercise)["test_on_a_real_model"] == "skipped"
    assert [(str(c.outcome), c.points) for c in exercise.criteria] == [("passed", 3), ("passed", 2), ("skipped", 0)]
    assert exercise.outcome is Outcome.PASSED
    assert "--tier gpu --model" in next(c.message for c in exercise.checks if c.outcome is Outcome.SKIPPED)


def test_points_of_both_tiers_come_together(
    course: Course, model_server: ForkServer, server_of: Callable[[Choice], ForkServer], model: Path, tmp_path: Path
) -> None:
    choice = resolve_model(ModelRequest(str(model), "cpu", "float32"))
    conditions = Conditions(Isolation.AUTO, call_seconds=PLENTY, models=(choice,))
    tiny = Grader(course, model_server, call_seconds=PLENTY)
    grader = with_real_model(tiny, server_of(choice), conditions, choice)
    verdicts = {}
    for name, source in {"right": SOLUTION, "one pass each": ONE_PASS_EACH, "stub": STUB}.items():
        (tmp_path / "work.py").write_text(source, encoding="utf-8")
        verdicts[name] = grader.grade(read_submission(tmp_path / "work.py"), course.exercises)
    points = {name: [c.points for c in verdict.exercises[0].criteria] for name, verdict in verdicts.items()}
    assert points == {"right": [3, 2, 5], "one pass each": [3, 2, 0], "stub": [0, 0, 0]}
    assert {str(c.outcome) for c in verdicts["stub"].exercises[0].criteria} == {"failed"}  # and nothing is pending
    assert (verdicts["right"].points, verdicts["right"].tier, verdicts["right"].model) == (10, "gpu", str(choice))


def test_a_mark_with_points_of_a_real_model_stays_where_none_is_asked_for() -> None:
    parts = {"hand-in": "a", "checks": "b"}
    assert _is_made_of({**parts, REAL_MODEL: "sd on cuda"}, parts)
    assert not _is_made_of(parts, {**parts, REAL_MODEL: "sd on cuda"})
    assert not _is_made_of({**parts, REAL_MODEL: "sd on cpu"}, {**parts, REAL_MODEL: "sd on cuda"})
    assert not _is_made_of({**parts, "checks": "c", REAL_MODEL: "sd on cuda"}, parts)


def test_jobs_take_turns_on_the_devices() -> None:
    models = tuple(Choice(TINY_SD, device, name="sd") for device in ("cuda:0", "cuda:1"))
    settings = Settings(TINY_SD, (), models=models)
    devices = [job.models[0].device for job in map(settings.of_job, range(3))]
    assert devices == ["cuda:0", "cuda:1", "cuda:0"]
    assert {model.kind for model in models} == {"cuda"}


# --- the tiny model as if it were a real one ---


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_folder_is_graded_in_every_dtype(dtype: str, model: Path, grade: Callable[[str, Choice], Verdict]) -> None:
    verdict = grade(SOLUTION, resolve_model(ModelRequest(str(model), "cpu", dtype)))
    [exercise] = verdict.exercises
    assert verdict.tier == "gpu"
    assert outcomes(exercise) == {
        "test_one_step": "passed",
        "test_on_the_tiny_model": "skipped",
        "test_on_a_real_model": "passed",
    }, [check.message for check in exercise.checks]
    assert exercise.points == 8


@pytest.mark.parametrize("dtype", ["float32", pytest.param("bfloat16", marks=pytest.mark.thorough)])
def test_a_mistake_fails_in_every_dtype(dtype: str, model: Path, grade: Callable[[str, Choice], Verdict]) -> None:
    [exercise] = grade(WRONG, resolve_model(ModelRequest(str(model), "cpu", dtype))).exercises
    assert outcomes(exercise)["test_one_step"] == "failed"


def test_a_snapshot_in_the_hubs_cache_is_found_offline_and_read_by_workers(
    model: Path, grade: Callable[[str, Choice], Verdict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = _cache(tmp_path, model)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    choice = resolve_model(ModelRequest("somebody/shapes", "cpu", "float32"))
    assert choice.folder.parent.name == "snapshots"
    verdict = grade(SOLUTION, choice)
    assert outcomes(verdict.exercises[0])["test_one_step"] == "passed"


def _cache(tmp_path: Path, model: Path) -> Path:
    """Make a hub's cache of a model, in the hub's own layout: links in a snapshot, files among the blobs."""
    repository = tmp_path / "hub" / "models--somebody--shapes"
    commit = "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit, encoding="utf-8")
    (repository / "blobs").mkdir()
    for number, path in enumerate(path for path in model.rglob("*") if path.is_file()):
        link = repository / "snapshots" / commit / path.relative_to(model)
        link.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, repository / "blobs" / str(number))
        link.symlink_to(repository / "blobs" / str(number))
    return tmp_path / "hub"


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
    with pytest.raises(UsageError, match=r"is not a \.safetensors file: files of other kinds can run programs"):
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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "x"], "are for real models: add --tier gpu."),
        (["--tier", "gpu"], "--tier gpu needs a model: name one"),
        (["--tier", "gpu", "--model", "MODEL", "--device", "cpu,mps"], "names several devices, which `grade batch`"),
        (["--tier", "gpu", "--model", "MODEL", "--device", "tpu"], "There is no device `tpu`: write cuda, cuda:1"),
        (["batch", ".", "--gradebook", "x", "--tier", "gpu", "--cluster", "local"], "leave out --cluster."),
        (
            ["batch", ".", "--gradebook", "x", "--tier", "gpu", "--model", "MODEL", "--device", "cpu,cpu"],
            "a device twice",
        ),
        (["ci", "--model", "MODEL"], "are for real models: add --tier gpu."),
        (["--tier", "gpu", "--model", "/nowhere/at/all"], "There is no folder /nowhere/at/all: correct the path"),
        (
            ["--tier", "gpu", "--model", "MODEL", "--device", "cpu", "--dtype", "float32"],
            "have not been measured yet: run `grade calibrate",
        ),
        (["--tier", "gpu", "--model", "MODEL", "--device", "cpu", "--pixels", "100"], "is not a multiple of 64"),
    ],
)
def test_the_command_refuses_with_exit_status_2(
    arguments: list[str],
    sentence: str,
    model: Path,
    course: Course,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = tmp_path / "course"
    shutil.copytree(course.root, root)
    (root / "tolerances.json").unlink()
    monkeypatch.setattr("grader.diffusion.tolerances.SHIPPED", tmp_path / "none.json")
    monkeypatch.chdir(root)
    monkeypatch.setattr("sys.argv", ["grade", *(str(model) if word == "MODEL" else word for word in arguments)])
    assert run() == USAGE
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


# --- tolerances ---


def test_the_tolerance_is_that_of_the_next_larger_number_of_steps() -> None:
    table = Table(SCHEMA, tuple(_row(steps=steps, tolerance=steps / 100) for steps in (2, 10, 50)))
    assert [table.tolerance("cpu", "float32", "latents", steps) for steps in (1, 2, 3, 50)] == [0.02, 0.02, 0.1, 0.5]


def test_rows_of_seeded_weights_do_not_hold_for_learned_ones(
    model: Path, course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "shipped.json").write_text(to_json(Table(SCHEMA, (_row(weights="seeded"),))))
    monkeypatch.setattr("grader.diffusion.tolerances.SHIPPED", tmp_path / "shipped.json")
    choice = resolve_model(ModelRequest(str(model), "cpu", "float32", 64))
    other = Course(tmp_path, course.name, course.lessons)
    with pytest.raises(
        UsageError, match=r"not been measured yet for learned weights: run `grade calibrate .* --pixels 64`"
    ):
        refuse_unmeasured(other, choice)
    index = model.parent / "seeded"
    shutil.copytree(model, index)
    known = json.loads((index / "model_index.json").read_text(encoding="utf-8"))
    (index / "model_index.json").write_text(json.dumps(known | {"_weights": "seeded"}), encoding="utf-8")
    refuse_unmeasured(other, Choice(index))


def test_what_cannot_be_told_apart_is_not_asked() -> None:
    with pytest.raises(NotAskedError, match=r"cannot be told apart\. Grade this with --dtype float32"):
        Table(SCHEMA, (_row(told=0),)).tolerance("cpu", "float32", "latents", 1)


@pytest.mark.parametrize(("dtype", "steps"), [("float32", 51), ("float16", 2)])
def test_what_was_not_measured_has_no_tolerance(dtype: str, steps: int) -> None:
    with pytest.raises(NotAskedError, match=f"grade calibrate --device cpu --dtype {dtype} --steps {steps}"):
        Table(SCHEMA, (_row(steps=50),)).tolerance("cpu", dtype, "latents", steps)


def test_the_tolerance_lies_as_far_from_right_as_from_wrong() -> None:
    assert between(1e-6, 1e-2, "float32") == pytest.approx(1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_no_tolerance_is_less_than_one_rounding(dtype: str) -> None:
    # Where all that was measured was equal to the bit, another order of sums may still round one number otherwise.
    assert between(0.0, 0.5, dtype) > torch.finfo(getattr(torch, dtype)).eps


def test_what_a_course_measured_goes_before_what_ships(tmp_path: Path) -> None:
    path = tmp_path / "tolerances.json"
    path.write_text(to_json(Table(SCHEMA, (ROW,))))
    assert read(path).with_rows((_row(tolerance=0.5), _row(steps=2))).rows == (_row(tolerance=0.5), _row(steps=2))


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"schema": "grader.tolerances/2", "rows": []}'])
def test_a_file_that_is_no_table_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tolerances.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="measure again"):
        read(path)


def test_calibrate_measures_right_solutions_and_mistakes(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    path = tmp_path / "tolerances.json"
    wanted = ["--device", "cpu", "--dtype", "float32", "--steps", "3", "--seeds", "1", "-o", str(path)]
    monkeypatch.setattr("sys.argv", ["grade", "calibrate", "img2img", "--model", str(model), *wanted])
    assert run() == 0
    [row] = read(path).rows
    assert row.key == ("cpu", "float32", "latents", 3)
    assert row.right < row.tolerance / 10
    assert row.tolerance < row.wrong / 10
    assert "img2img" in capsys.readouterr().out


DOUBLED = """import torch
from grader.authoring.calibration_inputs import Measurement
ONES = torch.ones(2)
GIVEN, DUE = lambda _sd, _trial: {"number": ONES}, lambda _sd, _trial: 2 * ONES
MEASURED = {"double": (Measurement("latents", False, GIVEN, DUE),)}
"""
RAISES = '"""It raises."""\nCAUGHT_BY = "test_equals_the_pipeline"\ndef double(number): raise ValueError("No.")'
ANSWERS = "reference/numbers/double"


@pytest.mark.parametrize(("place", "status"), [("wrong/unchanged", 0), ("accepted/sum", 1), ("solution", 1)], ids=str)
def test_calibrate_names_what_raised_and_writes_nothing_where_a_right_solution_did(
    place: str,
    status: int,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changes = {f"{ANSWERS}/{place}.py": RAISES, "reference/_calibration.py": DOUBLED}
    monkeypatch.chdir(make_course(tmp_path / "course", changes=changes))
    path = tmp_path / "tolerances.json"
    arguments = ["--model", str(model), "--device", "cpu", "--dtype", "float32", "--seeds", "2", "-o", str(path)]
    monkeypatch.setattr("sys.argv", ["grade", "calibrate", "double", *arguments])
    assert run() == status
    said = " ".join(capsys.readouterr().out.split())
    assert f"double: {place} raised ValueError: No (2 times)." in said
    assert path.exists() == (status == 0)
    assert ("A right solution raised an error" in said) == (status == 1)


def test_a_course_that_names_nothing_to_measure_is_told_where_to(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(make_course(tmp_path / "course"))
    monkeypatch.setattr(
        "sys.argv", ["grade", "calibrate", "--model", str(model), "--device", "cpu", "--dtype", "float32"]
    )
    assert run() == USAGE
    assert "this needs `reference/` and `MEASURED` in `_calibration.py` there" in " ".join(
        capsys.readouterr().err.split()
    )


# --- workers with a device ---


@pytest.fixture
def opened(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def open_session(machine: Machine, equipment: Equipment = BENCH, source: str = "def answer(): return 1") -> Session:
        monkeypatch.setattr(server, "_machine", machine)
        sessions.append(
            Session(server, {"work.py": source}, {"answer": "work.py"}, call_seconds=PLENTY, equipment=equipment)
        )
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


def on_device(step: str, *lines: str) -> Equipment:
    """Return a workbench that takes this step in a worker to bring its model to a device."""
    return msgspec.structs.replace(bench_of(*lines, value=f"Workbench(to_device=lambda: {step})"), model={})


@pytest.mark.confined
def test_threads_that_a_driver_starts_are_confined_too(opened: Callable[..., Session]) -> None:
    session = opened(Machine(device="cuda"), on_device("tqdm.tqdm(desc='a library that watches')", "import tqdm"))
    assert session.call("answer", (), {}).result == 1
    worker = session._worker
    assert worker is not None
    statuses = [path.read_text() for path in Path(f"/proc/{worker.pid}/task").glob("*/status")]
    assert len(statuses) > 1
    assert {line for status in statuses for line in status.splitlines() if line.startswith("Seccomp:")} == {
        "Seccomp:\t2"
    }


@pytest.mark.confined
def test_last_steps_are_taken_before_the_submission_and_in_reach_of_no_file(opened: Callable[..., Session]) -> None:
    session = opened(Machine(device="cuda"), on_device("open('/etc/passwd')"))
    with pytest.raises(GraderError, match="could not be made ready: PermissionError"):
        session.call("answer", (), {})


@pytest.mark.confined
def test_a_worker_in_an_interpreter_of_its_own_answers_and_is_confined(opened: Callable[..., Session]) -> None:
    source = """
import sys
def answer():
    try: return open("/etc/passwd").read()
    except PermissionError: return len(sys.argv)
"""
    forked, anew = (
        opened(machine, source=source).call("answer", (), {}).result for machine in (Machine(), Machine(device="mps"))
    )
    assert (forked, anew) == (1, 2)  # the interpreter of its own was told what to do
