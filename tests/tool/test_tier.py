"""The second tier: which checks run on it, with the tiny model in place of a real one, and what is refused."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.classroom.run import REAL_MODEL, _is_made_of
from grader.cli.main import run
from grader.cli.status import USAGE
from grader.course.rubric_reading import RubricError, load_rubrics
from grader.diffusion.choice import TINY_SD, Choice
from grader.diffusion.machine import machine
from grader.diffusion.request import ModelRequest, resolve_model
from grader.errors import UsageError
from grader.grading import Conditions, Grader
from grader.jobs import Settings
from grader.results import Outcome
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.sandbox.wire.messages import Equipment
from grader.submission.reading import read_submission
from grader.tiers import with_real_model
from helpers.equipment import BENCH
from helpers.patience import PLENTY
from helpers.two_tiers import CHECKS, DTYPES, RUBRIC, SOLUTION, STUB, make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.course.model import Course
    from grader.results import ExerciseResult, Verdict

pytestmark = pytest.mark.usefixtures("_tiny_model_again")

ONE_PASS_EACH = SOLUTION.replace(
    "both = unet(torch.cat([latents] * 2), t, encoder_hidden_states=text_embeddings).sample",
    "both = torch.cat([unet(latents, t, encoder_hidden_states=e).sample for e in text_embeddings.chunk(2)])",
)
WRONG = SOLUTION.replace("(text - uncond)", "(uncond - text)")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make(tmp_path_factory.mktemp("course"))


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


NOTHING = "x = 1\n"  # a hand-in without the function


@pytest.mark.parametrize("source", [STUB, NOTHING])
def test_a_class_has_one_maximum_whoever_has_written_nothing(
    course: Course, model_server: ForkServer, tmp_path: Path, source: str
) -> None:
    (tmp_path / "work.py").write_text(source, encoding="utf-8")
    work = read_submission(tmp_path / "work.py")
    grader = Grader(course, model_server)
    [exercise] = grader.grade(work, course.exercises).exercises
    assert [str(c.outcome) for c in exercise.criteria] == ["failed", "failed", "skipped"]
    assert exercise.outcome is Outcome.FAILED
    assert [str(c.outcome) for c in grader.grade_quickly(work, course.exercises[0]).criteria][-1] == "skipped"


def test_points_of_both_tiers_come_together(
    course: Course, model_server: ForkServer, server_of: Callable[[Choice], ForkServer], model: Path, tmp_path: Path
) -> None:
    choice = resolve_model(ModelRequest(str(model), "cpu", "float32"))
    conditions = Conditions(Isolation.AUTO, call_seconds=PLENTY, models=(choice,))
    tiny = Grader(course, model_server, call_seconds=PLENTY)
    grader = with_real_model(tiny, server_of(choice), conditions, choice)
    verdicts = {}
    for name, source in {"right": SOLUTION, "one pass each": ONE_PASS_EACH, "stub": STUB, "nothing": NOTHING}.items():
        (tmp_path / "work.py").write_text(source, encoding="utf-8")
        verdicts[name] = grader.grade(read_submission(tmp_path / "work.py"), course.exercises)
    points = {name: [c.points for c in verdict.exercises[0].criteria] for name, verdict in verdicts.items()}
    assert points == {"right": [3, 2, 5], "one pass each": [3, 2, 0], "stub": [0, 0, 0], "nothing": [0, 0, 0]}
    for name in ("stub", "nothing"):  # and nothing is pending
        assert {str(c.outcome) for c in verdicts[name].exercises[0].criteria} == {"failed"}
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


# --- what the command refuses ---


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
