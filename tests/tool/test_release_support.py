"""Releases whose stubs show more of the way or less: `grade release --tier`, their notebooks, and work in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader import working_copy
from grader.authoring.linting.check import check
from grader.authoring.notebooks import build, built
from grader.authoring.release import refuse_leaks, release
from grader.course.finding import find_course
from grader.course.outline import find_outline
from grader.desk import resetting
from grader.desk.standing import State, standings
from grader.errors import UsageError
from grader.submission.reading import read_submission
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from grader.course.model import Course
    from helpers.command import Command

STUB = "exercises/numbers/double.py"
NOTEBOOK = "exercises/numbers/lesson.ipynb"
PAGE = "exercises/numbers/README.md"
SOLUTION = '''"""The solution."""


def double(number: int) -> int:
    """Return it."""
    # step: Begin with nothing, and add the number twice.
    # blank: return 0 + ____
    return 0 + (number + number)
'''
STATEMENT = '''"""Doubling a number."""


def double(number: int) -> int:
    """Return twice `number`.

    What you get: number, any int below 10**6.
    """
    raise NotImplementedError
'''
CHANGES = {
    STUB: STATEMENT,
    PAGE: "# Numbers\n\nTwice two is four: [`double`](double.py).\n",
    "reference/numbers/double/solution.py": SOLUTION,
    "reference/numbers/double/wrong/unchanged.py": None,  # so that nothing has to be recorded
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = find_course(make_course(tmp_path_factory.mktemp("source"), changes=CHANGES))
    build(course.lessons[0])
    return course


@pytest.fixture(scope="module")
def releases(course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a release of each kind, and "" for one without."""
    folder = tmp_path_factory.mktemp("out")
    for support in ("guided", "supported", "independent", None):
        release(course, folder / str(support), "course", support=support)  # type: ignore[arg-type]
    return {support: folder / (support or "None") for support in ("guided", "supported", "independent", "")}


def cells(notebook: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(notebook, as_version=4).cells]


def body(stub: str) -> str:
    return stub.rpartition('"""\n')[2]


def test_stubs_of_a_release_show_as_much_of_the_way_as_was_asked(releases: dict[str, Path]) -> None:
    bodies = {support: body((root / STUB).read_text()) for support, root in releases.items()}
    assert bodies == {
        "guided": "    # Begin with nothing, and add the number twice.\n    return 0 + ____\n",
        "supported": "    # 1. Begin with nothing, and add the number twice.\n    raise NotImplementedError\n",
        "independent": "    raise NotImplementedError\n",
        "": "    raise NotImplementedError\n",
    }


HELPER = '''

def _added(number: int, other: int) -> int:
    """Return the sum of a number and another one."""
    total = number
    for _ in range(abs(other)):
        total = total + (1 if other > 0 else -1)
    return total
'''


def test_what_the_scaffold_shows_is_no_leak_where_a_variant_has_it_too(tmp_path: Path) -> None:
    """A helper of the solution stands in the guided stub, in its notebook, and in variants that were copied from it."""
    marked = SOLUTION.replace("# blank: return 0 + ____", "# blank: return _added(number, ____)")
    changes = {
        **CHANGES,
        "reference/numbers/double/solution.py": marked.replace(
            "0 + (number + number)", "_added(number, 2 * number - number)"
        )
        + HELPER,
        "reference/numbers/double/accepted/turned.py": SOLUTION.replace("0 + (", "0 - (-") + HELPER,
    }
    course = find_course(make_course(tmp_path / "source", changes=changes))
    build(course.lessons[0])
    release(course, tmp_path / "guided", "course", support="guided")
    assert HELPER.strip() in (tmp_path / "guided" / STUB).read_text()
    page = {"notes.md": f"```python{HELPER}```\n"}
    for name, stub in (("page", {}), ("solved", {STUB: SOLUTION + HELPER})):  # a stub without blanks excuses nothing
        with pytest.raises(UsageError, match="gives away"):
            refuse_leaks(course, write_files(tmp_path / name, {**page, **stub}))


@pytest.mark.parametrize("support", ["guided", "supported", "independent", ""])
def test_the_notebooks_cell_is_the_stub(releases: dict[str, Path], support: str) -> None:
    [cell] = [cell for cell in cells(releases[support] / NOTEBOOK) if cell.startswith("%%exercise")]
    assert cell.splitlines()[1:] == (releases[support] / STUB).read_text().splitlines()[3:]


@pytest.mark.parametrize("support", ["guided", "supported", "independent"])
def test_the_linter_finds_nothing_in_the_notebook(releases: dict[str, Path], support: str) -> None:
    assert check(releases[support] / NOTEBOOK) == []


@pytest.mark.parametrize("support", ["guided", "supported", "independent", ""])
def test_the_whole_statement_is_always_there(releases: dict[str, Path], support: str) -> None:
    said = "What you get: number, any int below 10**6."
    root, folded = releases[support], support == "independent"
    assert (said in (root / STUB).read_text()) is not folded
    assert (said in (root / PAGE).read_text()) is folded
    assert any(said in cell for cell in cells(root / NOTEBOOK))


def test_a_folded_statement_is_nobodys_answer(releases: dict[str, Path], course: Course) -> None:
    assert read_submission(releases["independent"]).answers_to(course.exercises[0]) == ()


@pytest.mark.parametrize("support", ["guided", "supported", "independent"])
def test_nothing_is_written_in_a_new_copy_and_reset_brings_its_own_stub_back(
    releases: dict[str, Path], support: str, tmp_path: Path, course: Course
) -> None:
    release(course, tmp_path / "copy", "course", support=support)  # type: ignore[arg-type]
    outline = find_outline(tmp_path / "copy")
    assert [each.state for each in standings(outline)] == [State.NOT_WRITTEN]
    given = (releases[support] / STUB).read_text()
    stub = tmp_path / "copy" / STUB
    stub.write_text(given.replace("____", "number").replace("raise NotImplementedError", "return number"))
    assert [each.state for each in standings(outline)] == [State.BEGUN]
    resetting.reset(resetting.find(outline, "double"))
    assert stub.read_text() == given


def test_blanks_are_graded_in_place_and_in_the_notebook(course: Course, tmp_path: Path, command: Command) -> None:
    root = tmp_path / "copy"
    release(course, root, "course", support="guided")
    done = command.run("double", "--no-daemon", cwd=root)
    assert done.returncode == 1
    assert "1 blank is left in numbers/double.py: line 12." in done.stdout
    done = command.run("double", "--submission", NOTEBOOK, cwd=root)
    assert "1 blank is left in lesson.ipynb, cell 3: line 10." in done.stdout
    for path in (root / STUB, root / NOTEBOOK):
        path.write_text(path.read_text().replace("0 + ____", "0 + 2 * number"))
        done = command.run("double", "--submission", path, cwd=course.root)
        assert done.returncode == 0, done.stdout


def test_the_first_page_says_what_to_do_with_blanks(releases: dict[str, Path]) -> None:
    said = {
        support: "Fill in the blanks, `____`" in (root / "README.md").read_text() for support, root in releases.items()
    }
    assert said == {"guided": True, "supported": False, "independent": False, "": False}


def test_a_release_that_gives_a_blank_away_is_refused(tmp_path: Path) -> None:
    changes = CHANGES | {PAGE: "# Numbers\n\nIt is `0 + (number+number)`.\n"}
    course = find_course(make_course(tmp_path / "source", changes=changes))
    with pytest.raises(
        UsageError, match=r"README\.md gives away a blank of numbers/double, `0 \+ \(number \+ number\)`"
    ):
        release(course, tmp_path / "out", "course", support="guided")
    release(course, tmp_path / "out", "course", support="supported")


def test_without_marks_it_says_what_to_write(tmp_path: Path, command: Command) -> None:
    bare = CHANGES | {"reference/numbers/double/solution.py": SOLUTION.replace("# step:", "#")}
    root = make_course(tmp_path / "source", changes=bare)
    done = command.run("release", tmp_path / "out", "--tier", "supported", cwd=root)
    assert done.returncode == 2
    assert "numbers/double cannot be released as supported: solution.py says no steps of `double`" in done.stderr
    assert not (tmp_path / "out").exists()
    assert command.run("release", tmp_path / "out", "--tier", "independent", cwd=root).returncode == 0


def test_a_tier_is_for_students_not_for_platforms(tmp_path: Path, course: Course, command: Command) -> None:
    done = command.run("release", tmp_path / "a.zip", "--tier", "guided", "--platform", "gradescope", cwd=course.root)
    assert (done.returncode, "give only one of them" in done.stderr) == (2, True)


def test_a_copy_with_other_stubs_is_not_updated_to_those_of_the_wheel(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_copy, "_PACKAGE", course.root / "grader")
    monkeypatch.setattr(working_copy, "_SHIPPED", course.root / "grader" / "edition")
    release(course, tmp_path / "guided", "course", support="guided")
    with pytest.raises(UsageError, match="an edition with guided stubs, which this grader does not come with"):
        working_copy.update(tmp_path / "guided")
    release(course, tmp_path / "usual", "course")
    working_copy.update(tmp_path / "usual")


def test_self_study_solutions_say_steps_and_have_no_marks(course: Course, tmp_path: Path) -> None:
    release(course, tmp_path / "out", "self-study", support="guided")
    page = (tmp_path / "out" / "solutions" / "numbers.md").read_text()
    assert "    # Begin with nothing, and add the number twice.\n    return 0 + (number + number)\n" in page


def test_the_same_course_gives_the_same_notebook(course: Course) -> None:
    assert built(course.lessons[0], "guided") == built(course.lessons[0], "guided") != built(course.lessons[0])


def test_notebooks_of_a_tier_are_built_alone(course: Course, tmp_path: Path, command: Command) -> None:
    before = (course.root / NOTEBOOK).read_bytes()
    done = command.run("notebook", "build", "--tier", "guided", "-o", tmp_path / "out", cwd=course.root)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path}/out/numbers/lesson.ipynb is built.\n")
    assert (tmp_path / "out/numbers/lesson.ipynb").read_text() == built(course.lessons[0], "guided")
    assert (course.root / NOTEBOOK).read_bytes() == before
    for options in (["--tier", "guided"], ["-o", tmp_path], ["--tier", "guided", "-o", tmp_path, "--check"]):
        assert command.run("notebook", "build", *options, cwd=course.root).returncode == 2
