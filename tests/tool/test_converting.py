"""Assignments for nbgrader and otter-grader as a course: what is converted, what is left and why, what is refused."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from grader.authoring.converting import otter as otter_reader
from grader.authoring.converting.cells import Cell
from grader.authoring.converting.convert import convert
from grader.authoring.verify import FAST, verify
from grader.course.finding import find_course
from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError
from grader.grading import Grader
from grader.submission.reading import read_submission
from helpers.assignments import (
    FOR_NBGRADER,
    FOR_OTTER,
    MIXED,
    answer,
    code,
    given,
    graded_cell,
    notebook,
    ran,
    raw,
    text,
)

if TYPE_CHECKING:
    from grader.authoring.converting.convert import Converted, Origin
    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

pytestmark = pytest.mark.light


class Made(NamedTuple):
    """A course that was made of a notebook."""

    converted: Converted
    root: Path

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    @property
    def left(self) -> dict[int, str]:
        return {left.cell: left.reason for left in self.converted.left}


def make(folder: Path, content: str, origin: Origin = "nbgrader") -> Made:
    source = folder / "week 3.ipynb"
    source.write_text(content, encoding="utf-8")
    return Made(convert(source, folder / "course", origin), folder / "course")


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("nbgrader"), FOR_NBGRADER)


@pytest.fixture(scope="module")
def otter(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("otter"), FOR_OTTER, "otter")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("mixed"), MIXED)


# --- that it grades -----------------------------------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.parametrize("name", ["nbgrader", "otter"])
def test_each_solution_earns_all_points_and_each_stub_none(
    name: str, server: ForkServer, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(name)
    course = find_course(made.root)
    load_rubrics(course)
    grader = Grader(course, server)
    for exercise in course.exercises:
        assert exercise.reference is not None
        for path, share in ((exercise.reference / "solution.py", 1.0), (exercise.stub, 0.0)):
            graded = grader.grade(read_submission(path), [exercise])
            assert graded.points == share * graded.max_points > -1, (exercise.name, graded)
            assert graded.max_points > 0


@pytest.mark.torch
def test_a_wrong_answer_fails_and_says_nothing_of_what_is_hidden(
    nbgrader: Made, server: ForkServer, tmp_path: Path
) -> None:
    course = find_course(nbgrader.root)
    (exercise,) = course.select(["alpha_bar"])
    work = tmp_path / "alpha_bar.py"
    work.write_text("def alpha_bar(betas):\n    return [0.5] * max(len(betas), 1)\n")
    (result,) = Grader(course, server).grade(read_submission(work), [exercise]).exercises
    public, hidden = sorted(result.checks, key=lambda check: check.visibility, reverse=True)
    assert public.outcome == "passed"
    assert (hidden.outcome, hidden.message) == ("failed", "A hidden test of `alpha_bar` fails.")
    assert result.points == 0


@pytest.mark.torch
def test_verify_reads_it_and_misses_what_the_author_must_write(nbgrader: Made, otter: Made, server: ForkServer) -> None:
    def findings(made: Made, name: str) -> list[str]:
        course = find_course(made.root)
        (exercise,) = course.select([name])
        return list(verify(Grader(course, server, diagnosis_seconds=math.inf), exercise, FAST).findings)

    assert all("is a blank: fill it in." in finding for finding in findings(otter, "guided"))
    without_blanks = findings(nbgrader, "alpha_bar")
    missing = ("has no type for", "no wrong variant", "wrong variants", "accepted variants")
    assert [finding for finding in without_blanks if not any(word in finding for word in missing)] == []
    assert any("no wrong variant" in finding for finding in without_blanks)


# --- what is made -------------------------------------------------------------------------------------------------


def test_a_stub_has_the_signature_the_statement_and_what_students_are_given(nbgrader: Made) -> None:
    assert nbgrader.text("exercises/week_3/log_snr.py").splitlines() == [
        '"""BLANK: what is returned, in one sentence."""', "", "import math", "", "SMALLEST = 1e-8", "", "",
        "def logSnr(a):", '    """BLANK: what is returned, in one sentence."""', "    raise NotImplementedError",
    ]  # fmt: skip
    assert '"""Return the running product of 1 - beta, as a list' in nbgrader.text("exercises/week_3/alpha_bar.py")


def test_a_solution_has_its_helpers_and_no_marks(nbgrader: Made, otter: Made) -> None:
    solution = nbgrader.text("reference/week_3/log_snr/solution.py")
    assert "def _safe(number):" in solution
    assert "###" not in solution
    assert "SOLUTION" not in otter.text("reference/week_3/guided/solution.py")
    assert "note" not in otter.text("reference/week_3/guided/solution.py")
    assert "PROMPT" not in otter.text("reference/week_3/steps_left/solution.py")


def test_nothing_that_students_get_has_a_solution_or_a_hidden_test(nbgrader: Made, otter: Made) -> None:
    for made, secrets in (
        (nbgrader, ("product *=", "_safe", "0.125", "secret")),
        (otter, ("with_text - without", "0, 1, 7")),
    ):
        files = [path for path in (made.root / "exercises").rglob("*") if path.is_file()]
        texts = [path.read_text() for path in files if path.parent.name != "__pycache__"]  # of whoever graded it before
        assert [secret for secret in secrets for text in texts if secret in text] == []


def test_a_hidden_check_says_nothing_of_what_it_compares(nbgrader: Made, otter: Made) -> None:
    hidden = nbgrader.text("reference/week_3/alpha_bar/test_hidden.py")
    assert "secret" not in hidden
    assert hidden.count('"A hidden test of `alpha_bar` fails."') == 4
    assert otter.text("reference/week_3/guided/test_hidden.py").count("BLANK: say the property") == 2


def test_points_are_given_for_the_whole_of_a_cell_as_before(nbgrader: Made) -> None:
    rubric = tomllib.loads(nbgrader.text("rubrics/week_3.toml"))
    criteria = rubric["exercises"]["alpha_bar"]["criteria"]
    assert [(each["visibility"], each["points"]) for each in criteria] == [("public", 0), ("hidden", 3)]
    assert rubric["points"] == 5
    assert [each["points"] for each in rubric["exercises"]["log_snr"]["criteria"]] == [1.5, 0.5]


def test_points_of_a_question_are_shared_by_the_tests_that_have_none(otter: Made) -> None:
    rubric = tomllib.loads(otter.text("rubrics/week_3.toml"))
    assert [each["points"] for each in rubric["exercises"]["guided"]["criteria"]] == [1, 1, 1, 1]
    assert rubric["exercises"]["steps_left"]["points"] == 1


def test_what_was_shown_becomes_an_assertion(otter: Made) -> None:
    checks = otter.text("exercises/week_3/checks/test_guided.py")
    assert "assert (submission.guided(1.0, 3.0, 2.0)) == 5.0," in checks
    assert '"""A scale of 1 gives the prediction with the text."""' in checks
    assert "assert (submission.guided(2, 7, 1) == 7)," in checks


def test_the_page_has_the_statements_and_leads_to_the_stubs(nbgrader: Made) -> None:
    page = nbgrader.text("exercises/week_3/README.md")
    assert "running product of `1 - beta`" in page
    assert "[`log_snr`](log_snr.py)" in page
    assert find_course(nbgrader.root).name == "Noise schedules"


# --- what is left -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (4, "the answer defines no function"),
        (5, "the test reads a variable `x` that cell 4 leaves behind; write a function that returns it. (2 points)"),
        (8, "reads a variable `x`"),
        (9, "expects an exception"),
        (10, "the value of its last line counts"),
        (11, "uses `area` without calling it"),
        (12, "`more` calls `helper`, which cell 3 gives to students"),
        (14, "`volume` calls `area`, which is the answer of cell 6"),
        (16, "calls several answers (area, volume)"),
        (17, "imports `nowhere_to_be_found`, which is not installed"),
        (20, "the class `Layer` of cell 19"),
        (21, "a person marks it (5 points)"),
        (22, "students see no test of `unseen`"),
        (24, "no test calls `untested`"),
        (26, "for what it changes"),
        (27, "line 2 is not Python"),
        (28, "lines of `half` around its solution"),
        (30, "begun and never ended"),
    ],
)
def test_what_is_left_is_named_by_its_cell_with_the_reason(mixed: Made, cell: int, reason: str) -> None:
    assert reason in mixed.left[cell]


def test_what_is_left_keeps_nothing_else_from_being_converted(mixed: Made) -> None:
    assert mixed.converted.exercises == ("area", "half")
    load_rubrics(find_course(mixed.root))


ONE = "def f(x):\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"


@pytest.mark.parametrize(
    ("body", "tests", "reason"),
    [
        ("return random.random()", "random.seed(1)\nassert f(1) < 1", "seeds random numbers that `f` draws"),
        ("print(x)", "with redirect_stdout(io.StringIO()) as said:\n    f(1)\nassert said", "reads what `f` prints"),
        ("return x(1)", "assert f(lambda n: n) == 1", "hands a function to `f`"),
        ("return x", "f = 3\nassert f == 3", "gives `f` another value"),
        ("return x", "assert f('''a\nb''')", "a text in it has several lines"),
        ("return x", "value = f(1)", "it asserts nothing"),
        ("return x", "assert f(1) == constant", "a variable `constant` that cell 2 leaves behind"),
        ("return x", "try:\n    f(1)\nexcept ValueError:\n    assert False", "catches exceptions"),
        ("yield x", "assert list(f(1)) == [1]", "is a generator"),
        ("return input(x)", "assert f(1) == '1'", "asks for input"),
        ("global y\n    y = x", "assert f(1) is None", "changes a global variable"),
        ("return nothing", "assert f(1)", "`f` reads `nothing`, which no cell defines"),
        ("return sqrt(x)", "assert f(1)", "import names one by one"),
        ("return x\ndef questions(x):\n    return x", "assert questions(1)", "cannot be the name of an exercise"),
    ],
)
def test_what_a_check_would_take_for_something_else_is_left(tmp_path: Path, body: str, tests: str, reason: str) -> None:
    made = make(
        tmp_path,
        notebook(
            given("import io\nimport random\nfrom contextlib import redirect_stdout\nfrom math import *"),
            answer("### BEGIN SOLUTION\nconstant = 1\n### END SOLUTION"),
            answer(ONE.format(body=body)),
            graded_cell(tests, points=1),
            answer("def kept(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
            graded_cell("assert kept(1) == 1", points=1),
        ),
    )
    assert "kept" in made.converted.exercises
    assert "f" not in made.converted.exercises
    assert any(reason in sentence for sentence in made.left.values()), made.left


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "origin", "refusal"),
    [
        ("not JSON", "nbgrader", "is not a notebook"),
        ("[]", "nbgrader", "is not a notebook"),
        ('{"cells": 3, "nbformat": 4}', "otter", "is not a notebook"),
        (notebook("x = 1"), "nbgrader", "No cell has metadata of nbgrader"),
        (notebook("x = 1"), "otter", "No raw cell begins with `# BEGIN QUESTION`"),
        (notebook(raw("# BEGIN QUESTION\nname: q1")), "otter", "Cell 1: `# BEGIN QUESTION` has no partner"),
        (notebook(raw("# END TESTS")), "otter", "Cell 1: `# END TESTS` has no partner"),
        (notebook(raw("# BEGIN QUESTION\nname: [")), "otter", "Cell 1: its settings are not YAML"),
        (
            notebook(answer("x = 1"), graded_cell("assert x", points=1)),
            "nbgrader",
            "can be converted: no tests call a function",
        ),
    ],
    ids=["text", "list", "cells", "not nbgrader", "not otter", "never ended", "never begun", "settings", "nothing"],
)
def test_what_cannot_be_converted_is_refused_in_one_sentence_and_nothing_is_written(
    tmp_path: Path, content: str, origin: Origin, refusal: str
) -> None:
    with pytest.raises(UsageError) as refused:
        make(tmp_path, content, origin)
    assert refusal in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "course").exists()


def test_a_folder_that_is_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    with pytest.raises(UsageError, match="exists already: name a new folder"):
        make(tmp_path, FOR_NBGRADER)


@pytest.mark.torch
def test_the_command_says_what_was_made_what_was_left_and_what_is_to_be_filled_in(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "a.ipynb").write_text(MIXED)
    done = command.run("convert", "a.ipynb", "-o", "made", "--from", "nbgrader", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "made has 2 exercises: area, half."
    assert any(line.startswith("cell 5: the test reads a variable `x`") for line in lines)
    assert "made/exercises/a/area.py:1:" in done.stdout
    again = command.run("convert", "a.ipynb", "-o", "made", "--from", "nbgrader", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (2, "grade: made exists already: name a new folder.\n")


def test_nothing_of_a_notebook_is_run(tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'trap')!r}, 'w')"
    made = make(tmp_path, notebook(code(trap), given(trap), *json.loads(FOR_NBGRADER)["cells"]))
    assert made.converted.exercises == ("alpha_bar", "log_snr")
    assert not (tmp_path / "trap").exists()


def test_notebooks_of_earlier_formats_are_read(tmp_path: Path) -> None:
    cells = [cell | {"metadata": cell["metadata"]} for cell in json.loads(FOR_OTTER)["cells"]]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 0, "metadata": {"otter": {}}, "cells": cells})
    assert make(tmp_path, content, "otter").converted.exercises == ("guided", "steps_left")


def test_pictures_and_values_that_python_cannot_write_out_are_left(tmp_path: Path) -> None:
    cells = json.loads(FOR_OTTER)["cells"]
    place = next(index for index, cell in enumerate(cells) if cell["source"] == "# END TESTS")
    cells.insert(place, ran("guided(1, 2, 3)", "array([1, 2])"))
    made = make(tmp_path, notebook(text("# Title"), *cells), "otter")
    assert "is not a value that Python writes out" in made.left[place + 2]


def cells_of(settings: str, *tests: str) -> list[Cell]:
    """Return the cells of a question for otter-grader whose settings are fenced, as its newest notebooks have them."""
    begin = Cell(1, "markdown", f"```otter\n# BEGIN QUESTION\nname: q\n{settings}\n```", {}, None)
    texts = ["# BEGIN TESTS", *tests, "# END TESTS", "# END QUESTION"]
    kinds = ["raw", *["code"] * len(tests), "raw", "raw"]
    return [begin, *(Cell(n, kind, said, {}, None) for n, (kind, said) in enumerate(zip(kinds, texts, strict=True), 2))]


def own(points: float) -> str:
    return f'""" # BEGIN TEST CONFIG\npoints: {points}\n""" # END TEST CONFIG\nassert f(1)'


@pytest.mark.parametrize(
    ("settings", "tests", "points"),
    [
        ("", ["assert f(1)"] * 4, [0.25] * 4),
        ("points: 6", ["assert f(1)"] * 3, [2, 2, 2]),
        ("points: 6", [own(2), own(2), "assert f(1)", "assert f(1)"], [2, 2, 1, 1]),
        ("", [own(2), "assert f(1)"], [2, 0]),
        ("", [own(0), "assert f(1)", "assert f(1)"], [0, 0.5, 0.5]),
        ("points:\n  each: 3", ["assert f(1)"] * 2, [3, 3]),
        ("points: [1, 4]", ["assert f(1)"] * 2, [1, 4]),
    ],
    ids=["none", "question", "both", "some", "some are zero", "each", "list"],
)
def test_points_of_otter_are_shared_as_otter_does(settings: str, tests: list[str], points: list[float]) -> None:
    assert [test.points for test in otter_reader.read(cells_of(settings, *tests)).tests] == points


def test_all_points_or_none_is_left_to_the_author() -> None:
    assert (
        "all points or none"
        in otter_reader.read(cells_of("all_or_nothing: true", "assert f(1)", "assert f(2)")).left[0].reason
    )
    assert otter_reader.read(cells_of("all_or_nothing: true", "assert f(1)")).left == ()
