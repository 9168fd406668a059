"""Tolerances of the second tier: which one holds for a run, and how `grade calibrate` measures them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from grader.cli.main import run
from grader.cli.status import USAGE
from grader.course.model import Course
from grader.diffusion.choice import Choice
from grader.diffusion.request import ModelRequest, refuse_unmeasured, resolve_model
from grader.diffusion.tolerances import SCHEMA, Table, between, read, to_json
from grader.errors import NotAskedError, UsageError
from helpers.course_factory import make_course
from helpers.two_tiers import ROW, make
from helpers.two_tiers import row as _row

pytestmark = pytest.mark.usefixtures("_tiny_model_again")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make(tmp_path_factory.mktemp("course"))


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


COUNTED = """import torch
from pathlib import Path
from grader.authoring.calibration_inputs import Measurement

def given(_sd, trial):
    with open("asked.txt", "a") as file:
        file.write(f"{trial.seed}\\n")
    if trial.seed == 1 and Path("stop").exists():
        raise KeyboardInterrupt
    return {"number": torch.ones(2)}

DUE = lambda _sd, _trial: 2 * torch.ones(2)
MEASURED = {"double": (Measurement("latents", False, given, DUE, caught_by=("test_double_of_two",)),)}
"""


def test_what_was_measured_before_an_interruption_is_not_measured_again(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    course = make_course(tmp_path / "course", changes={"reference/_calibration.py": COUNTED, "stop": ""})
    monkeypatch.chdir(course)
    path, log = tmp_path / "tolerances.json", tmp_path / "tolerances.unfinished.jsonl"
    wanted = ["--model", str(model), "--device", "cpu", "--dtype", "float32", "--seeds", "2", "-o", str(path)]
    monkeypatch.setattr("sys.argv", ["grade", "calibrate", "double", *wanted])
    assert run() == 130
    assert "Stopped. The same command goes on from there." in capsys.readouterr().err
    assert not path.exists()
    lines = log.read_text().splitlines()
    assert len(lines) == 4  # solution, solution rounded otherwise, an accepted and a wrong variant
    log.write_text("\n".join([*lines, lines[0][:20]]))  # as if it had been killed while it wrote
    (course / "stop").unlink()
    assert run() == 0
    assert (course / "asked.txt").read_text().split() == ["0", "1", "1"]
    [row] = read(path).rows
    assert (row.cases, row.told) == (6, 1)
    assert not log.exists()


def test_a_solution_that_has_changed_is_measured_again(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = make_course(tmp_path / "course", changes={"reference/_calibration.py": COUNTED, "stop": ""})
    monkeypatch.chdir(course)
    path = tmp_path / "tolerances.json"
    wanted = ["--model", str(model), "--device", "cpu", "--dtype", "float32", "--seeds", "2", "-o", str(path)]
    monkeypatch.setattr("sys.argv", ["grade", "calibrate", "double", *wanted])
    assert run() == 130
    (course / "stop").unlink()
    (course / ANSWERS / "accepted/sum.py").write_text("def double(number): return number + number * 1.0001\n")
    assert run() == 0
    [row] = read(path).rows
    assert row.right == pytest.approx(5e-5, rel=0.01)


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
