"""What students get: what is in it, that it is graded, names mistakes, leaks nothing, and is the same every time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from grader import edition, fingerprint, working_copy
from grader.authoring.leaks import leaks
from grader.authoring.recording import record
from grader.authoring.release import release
from grader.course.finding import find_course
from grader.course.model import Course
from grader.diagnosis.recorded import Entry, entry
from grader.edition import HIDDEN
from grader.errors import UsageError
from helpers.course_factory import make_course, write_files
from helpers.notebooks import notebook
from helpers.recording import recording_with

if TYPE_CHECKING:
    from grader.course.model import Course
    from grader.sandbox.outside.server import ForkServer
    from helpers.command import Command

GRADE = str(Path(sys.executable).with_name("grade"))
HINT = """schema = "grader.hints/1"
[exercises]
double = ["Then result = result + number is what you want."]
"""
SOLUTION = '''"""The solution."""


def double(number: int) -> int:
    """Return twice `number`."""
    if not isinstance(number, int):
        raise TypeError("a number that is no whole number was given")
    result = number
    result = result + number
    return result
'''
BODY = SOLUTION.partition('`number`."""\n')[2]
RENAMED = SOLUTION.replace("result", "twice").replace("a number that is no whole number was given", "no")


@pytest.fixture(scope="module")
def course(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Course:
    changes = {
        "reference/numbers/double/solution.py": SOLUTION,
        "exercises/numbers/README.md": "# Numbers\n\nTwice two is four.\n",
        "exercises/numbers/pictures/two.png": "PNG",
        "exercises/numbers/pictures/draw.py": "print()\n",
        "exercises/numbers/notes_of_the_author.txt": "x",
        "constraints.txt": "torch==2.13.0\n",
        "tests/test_own.py": "",
    }
    made = make_course(tmp_path_factory.mktemp("source"), ["numbers/double", "words/again"], changes)
    course = find_course(made)
    with recording_with(server):
        record(course, course.exercises, jobs=1)
    return course


@pytest.fixture(scope="module")
def released(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("out") / "release"
    release(course, target, "course")
    return target


def files(root: Path) -> dict[str, bytes]:
    """Return all files by path, but for what Python itself leaves behind where checks were run."""
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.parent.name != "__pycache__"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def grade(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd.parent), "LANG": "C.UTF-8", "GRADE_DAEMON": "off"}
    return subprocess.run([GRADE, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_it_holds_what_the_allow_list_names_and_nothing_else(released: Path) -> None:
    assert sorted(files(released)) == [
        ".grade.json", "README.md", "constraints.txt", "exercises/README.md", "exercises/numbers/README.md",
        "exercises/numbers/checks/test_double.py", "exercises/numbers/double.py", "exercises/numbers/pictures/two.png",
        "exercises/words/again.py", "exercises/words/checks/test_again.py", "mistakes/numbers/double.json",
        "mistakes/words/again.json", "pytest.ini", "rubrics/numbers.toml", "rubrics/words.toml",
    ]  # fmt: skip


def test_of_hidden_criteria_it_tells_the_points_alone(released: Path) -> None:
    criteria = tomllib.loads((released / "rubrics/numbers.toml").read_text())["exercises"]["double"]["criteria"]
    assert criteria[0] == {
        "title": "Small numbers", "points": 4, "visibility": "public", "checks": ["test_double_of_two"],
    }  # fmt: skip
    assert criteria[1] == {"title": HIDDEN, "points": 6, "visibility": "hidden", "checks": ["test_hidden"]}


def test_its_public_checks_run_and_the_hidden_ones_are_pending(
    released: Path, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "work.py").write_text("def double(number): return number * 2\n")
    done = command.run("double", "--submission", str(tmp_path / "work.py"), "--format", "json", cwd=released)
    assert (done.returncode, done.stderr) == (0, "")
    (exercise,) = json.loads(done.stdout)["exercises"]
    assert (exercise["points"], exercise["max_points"]) == (4, 10)
    assert [check["outcome"] for check in exercise["checks"]] == ["passed", "skipped"]


def test_mistakes_are_named_without_the_wrong_variants(released: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "work.py").write_text("def double(number):\n    copy = number\n    return copy\n")
    done = command.run("double", "--submission", str(tmp_path / "work.py"), "--format", "json", cwd=released)
    (check, _) = json.loads(done.stdout)["exercises"][0]["checks"]
    assert [found["variant"] for found in check["diagnosis"]] == ["unchanged"]


def test_they_are_named_under_other_limits_too(released: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "work.py").write_text("def double(number): return number\n")
    arguments = ("double", "--submission", str(tmp_path / "work.py"), "--format", "json", "--timeout", "77")
    (check, _) = json.loads(command.run(*arguments, cwd=released).stdout)["exercises"][0]["checks"]
    assert [found["variant"] for found in check["diagnosis"]] == ["unchanged"]


def test_another_wrong_answer_is_no_known_mistake(released: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "work.py").write_text("def double(number): return number + 1\n")
    done = command.run("double", "--submission", str(tmp_path / "work.py"), "--format", "json", cwd=released)
    assert json.loads(done.stdout)["exercises"][0]["checks"][0]["diagnosis"] == []


@pytest.mark.thorough
def test_plain_pytest_runs_it_under_its_own_settings(released: Path, tmp_path: Path) -> None:
    copy = write_files(tmp_path / "copy", files(released))
    (tmp_path / "work.py").write_text("def double(number): return 2 * number\ndef again(number): return 2 * number\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--submission", str(tmp_path / "work.py")],
        cwd=copy, env={**os.environ, "PYTEST_ADDOPTS": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_the_same_course_gives_the_same_bytes(course: Course, released: Path, tmp_path: Path) -> None:
    release(course, tmp_path / "again", "course")
    assert files(tmp_path / "again") == files(released)


def test_self_study_adds_the_solutions_folded_away(course: Course, released: Path, tmp_path: Path) -> None:
    release(course, tmp_path / "alone", "self-study")
    added = files(tmp_path / "alone").keys() - files(released).keys()
    assert added == {"solutions/numbers.md", "solutions/words.md"}
    page = (tmp_path / "alone/solutions/numbers.md").read_text()
    assert "<details><summary>double</summary>" in page
    assert "result = result + number" in page


def test_a_release_leaks_nothing(course: Course, released: Path) -> None:
    assert leaks(course, released) == []


def test_the_name_of_a_public_check_is_no_secret(tmp_path: Path) -> None:
    source = make_course(tmp_path / "source")
    for path in source.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text().replace("test_double_of_two", "test_double_of_two_and_of_one_more"))
    (variant,) = (source / "reference/numbers/double/wrong").glob("*.py")
    assert 'CAUGHT_BY = "test_double_of_two_and_of_one_more"' in variant.read_text()
    assert leaks(find_course(source), write_files(tmp_path / "copy", files(source / "exercises"))) == []


def test_a_result_of_another_kind_is_no_known_mistake(released: Path, tmp_path: Path, command: Command) -> None:
    known = json.loads((released / "mistakes/numbers/double.json").read_text())
    for kept in known["entries"]:
        kept["answers"] = [{"error": ""}]
    copy = write_files(tmp_path / "copy", files(released) | {"mistakes/numbers/double.json": json.dumps(known)})
    (tmp_path / "work.py").write_text("def double(number): return 'two'\n")
    done = command.run("double", "--submission", str(tmp_path / "work.py"), "--format", "json", cwd=copy)
    assert json.loads(done.stdout)["exercises"][0]["checks"][0]["diagnosis"] == []


def test_a_damaged_file_of_mistakes_is_a_sentence(released: Path, tmp_path: Path, command: Command) -> None:
    copy = write_files(tmp_path / "copy", files(released) | {"mistakes/numbers/double.json": "{}"})
    (tmp_path / "work.py").write_text("def double(number): return number\n")
    done = command.run("double", "--submission", str(tmp_path / "work.py"), cwd=copy)
    assert done.returncode == 2
    assert "double.json is damaged" in done.stderr


@pytest.mark.parametrize(
    ("path", "content", "what"),
    [
        ("exercises/numbers/README.md", f"Look:\n\n```python\n{RENAMED}```\n", "a function"),
        ("exercises/numbers/README.md", f"So:\n\n```python\nimport math\n\n{textwrap.dedent(BODY).replace('result', 'x')}```\n", "a function"),
        ("exercises/numbers/lesson.ipynb", notebook(textwrap.dedent(BODY)), "a function"),
        ("exercises/numbers/checks/test_double.py", RENAMED, "a function"),
        ("exercises/numbers/lesson.ipynb", notebook(RENAMED), "a function"),
        ("exercises/numbers/lesson.ipynb", RENAMED, "a function"),
        ("exercises/README.md", "a number that is no whole number was given", "the text"),
        ("exercises/words/README.md", "Negative numbers are doubled too.", "the text"),
    ],
    ids=["in a page", "its body in a page", "its body in a notebook", "in a check", "in a notebook", "in a damaged notebook", "a text of the solution", "a text of hidden checks"],
)  # fmt: skip
def test_a_planted_leak_is_found(
    course: Course, released: Path, tmp_path: Path, path: str, content: str, what: str
) -> None:
    copy = write_files(tmp_path / "copy", files(released) | {path: content.encode()})
    found = leaks(course, copy)
    assert found
    assert all(leak.path == path for leak in found)
    assert any(leak.what.startswith(what) for leak in found)


def test_a_release_that_would_leak_is_not_made(course: Course, tmp_path: Path) -> None:
    source = write_files(
        tmp_path / "source", files(course.root) | {"exercises/numbers/README.md": f"```\n{SOLUTION}```\n".encode()}
    )
    with pytest.raises(UsageError, match=r"exercises/numbers/README\.md gives away .* take it out"):
        release(find_course(source), tmp_path / "release", "course")
    assert not (tmp_path / "release").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("exercises/numbers/double.py", SOLUTION, "numbers/double: The stub's `double` does something already"),
        (
            "exercises/numbers/hints.toml",
            HINT,
            "numbers/double: Hint 1 in hints.toml gives a line of the solution away",
        ),
        ("exercises/numbers/checks/test_double.py", "# BLANK: a check\n", "numbers/double: .* is a blank: fill it in"),
    ],
    ids=["a stub that is written", "a hint", "a blank"],
)
def test_what_an_author_left_or_let_slip_is_not_given_out(
    course: Course, tmp_path: Path, path: str, content: str, said: str
) -> None:
    before = files(course.root)
    content = content if path != "exercises/numbers/checks/test_double.py" else before[path].decode() + content
    source = write_files(tmp_path / "source", before | {path: content.encode()})
    with pytest.raises(UsageError, match=said):
        release(find_course(source), tmp_path / "release", "course")
    assert not (tmp_path / "release").exists()


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (
            "exercises/numbers/checks/test_double.py",
            "import nothing_there\n",
            "cannot be imported: ModuleNotFoundError",
        ),
        ("exercises/numbers/hints.toml", "schema = [", "hints.toml:1: the file is not valid TOML"),
        ("rubrics/numbers.toml", "schema = [", "numbers.toml:1: the file is not valid TOML"),
        ("rubrics/policy.toml", "schema = [", "policy.toml:1: the file is not valid TOML"),
    ],
    ids=lambda value: value.rpartition("/")[2],
)
def test_a_file_that_cannot_be_read_is_said_and_nothing_is_recorded(
    tmp_path: Path, command: Command, path: str, text: str, said: str
) -> None:
    source = make_course(tmp_path / "source")
    before = (source / path).read_text() if path.endswith(".py") else ""
    write_files(source, {path: text + before})
    done = command.run("release", "../out", "--jobs", "1", cwd=source)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
    assert not list(source.rglob("mistakes.json"))


def test_a_folder_that_holds_something_is_left_alone(course: Course, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        release(course, tmp_path, "course")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_pictures_that_differ_are_different_answers() -> None:
    asked = {"function": "draw", "arguments": [], "keywords": {}, "backward": False, "reader": False}
    call = SimpleNamespace(**asked, return_arguments=False)
    question = SimpleNamespace(call=call, buffers=lambda: b"")

    def kept(*levels: int) -> Entry:
        image = Image.new("RGB", (4, 3), levels)
        drawn, right = (
            SimpleNamespace(error=None, result=result, arguments=[], keywords={}, question=question)
            for result in (image, None)
        )
        found = entry("variant", "test_check", [drawn], [right])
        assert found is not None
        return found

    assert kept(1, 2, 3) == kept(1, 2, 3)
    assert kept(1, 2, 3) != kept(3, 2, 1)


# --- how students install the grader ----------------------------------------------------------------------------


def test_without_a_source_the_start_page_sends_them_to_whoever_gave_them_the_folder(released: Path) -> None:
    assert "Whoever gave you this folder tells you how to install `grade`." in (released / "README.md").read_text()
    assert not (released / "install.py").exists()


def test_a_wheel_is_put_into_the_release_and_installed_from_there(course: Course, tmp_path: Path) -> None:
    wheel = tmp_path / "diffusion_grader-9.9-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    release(course, tmp_path / "release", "course", working_copy.from_wheel(wheel, "[notebook]"))
    made = files(tmp_path / "release")
    assert made[wheel.name] == b"a wheel"
    assert made["requirements.txt"] == f"--constraint constraints.txt\n./{wheel.name}[notebook]\n".encode()
    assert "python3 install.py" in made["README.md"].decode()
    assert {"install.py", "constraints.txt"} <= made.keys()


def test_a_git_url_is_what_they_install_from(course: Course, tmp_path: Path) -> None:
    installation = working_copy.from_git("https://example.org/grader.git@v1", "")
    release(course, tmp_path / "release", "course", installation)
    requirements = (tmp_path / "release/requirements.txt").read_text()
    assert requirements.endswith("\ndiffusion-grader @ git+https://example.org/grader.git@v1\n")


@pytest.mark.parametrize("name", ["grader-1.2-py3-none-any.whl", "diffusion_grader-1.tar.gz"])
def test_what_is_not_a_wheel_of_the_grader_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(UsageError, match="is not a wheel of the grader: build one with `make wheel`"):
        working_copy.from_wheel(tmp_path / name, "")


def test_a_path_is_not_a_git_url() -> None:
    with pytest.raises(UsageError, match="is not the URL of a git repository"):
        working_copy.from_git("../grader", "")


def test_notebooks_ask_for_the_extra() -> None:
    assert working_copy.extra_for(["exercises/numbers/lesson.ipynb"]) == "[notebook]"
    assert working_copy.extra_for(["exercises/numbers/double.py"]) == ""


# --- recorded mistakes ------------------------------------------------------------------------------------------


@pytest.fixture
def copied(course: Course, tmp_path: Path) -> Course:
    """Return a copy of the course, recorded mistakes included, that a test may change."""
    return find_course(write_files(tmp_path / "course", files(course.root)))


def stale(course: Course) -> list[str]:
    return [exercise.name for exercise in course.exercises if edition.is_stale(exercise)]


def test_recorded_mistakes_are_fresh_until_something_changes(copied: Course) -> None:
    assert stale(copied) == []


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("reference/numbers/double/wrong/unchanged.py", '"""Other."""\nCAUGHT_BY = "x"\n'),
        ("reference/numbers/double/wrong/another.py", '"""New."""\nCAUGHT_BY = "x"\n'),
        ("exercises/numbers/checks/_numbers.py", "TWO = 2.0\n"),
        ("reference/numbers/double/test_hidden.py", '"""Other."""\n'),
        ("reference/numbers/double/mistakes.json", "{"),
        ("reference/numbers/double/mistakes.json", None),
    ],
    ids=["a variant", "a new variant", "a helper", "a hidden check", "a damaged record", "no record"],
)
def test_they_are_stale_when_what_decides_them_changes(
    course: Course, tmp_path: Path, path: str, content: str | None
) -> None:
    imports_helper = "from exercises.numbers.checks import _numbers\n"
    check = "exercises/numbers/checks/test_double.py"
    before = {**files(course.root), "exercises/numbers/checks/_numbers.py": b"TWO = 2\n"}
    before[check] = imports_helper.encode() + before[check]
    changed = find_course(write_files(tmp_path / "course", before))
    known = changed.exercises[0].recorded_mistakes
    assert known is not None
    known.write_text(json.dumps({"made_of": fingerprint.of_mistakes(changed.exercises[0])}))
    assert stale(changed) == []
    if content is None:
        (changed.root / path).unlink()
    else:
        write_files(changed.root, {path: content})
    assert stale(changed) == ["double"]


@pytest.mark.parametrize(
    "path",
    ["reference/numbers/double/accepted/sum.py", "rubrics/numbers.toml"],
)
def test_they_stay_fresh_when_something_else_changes(copied: Course, path: str) -> None:
    (copied.root / path).write_text((copied.root / path).read_text() + "\n# more\n")
    assert stale(copied) == []


def test_a_release_of_stale_mistakes_is_refused_and_the_remedy_named(copied: Course, tmp_path: Path) -> None:
    write_files(copied.root, {"reference/numbers/double/wrong/unchanged.py": '"""Other."""\n'})
    with pytest.raises(UsageError, match="have changed since: run `grade record double`"):
        release(copied, tmp_path / "release", "course")


def test_a_release_runs_nothing_when_nothing_has_changed(copied: Course, tmp_path: Path, command: Command) -> None:
    before = files(copied.root)
    done = command.run("release", str(tmp_path / "release"), cwd=copied.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "15 files for course" in done.stdout
    assert files(copied.root) == before


def test_the_command_records_what_is_stale_and_says_how_far_it_is(copied: Course, command: Command) -> None:
    (known,) = (e.recorded_mistakes for e in copied.exercises if e.name == "double")
    assert known is not None
    before = known.read_bytes()
    known.unlink()
    checked = command.run("record", "--check", cwd=copied.root)
    assert (checked.returncode, checked.stdout) == (
        1,
        "Known mistakes have changed since they were recorded: run `grade record double`.\n",
    )
    done = grade(copied.root, "record")
    assert (done.returncode, done.stderr) == (0, "1 of 1 done: double\n")
    assert done.stdout == "The known mistakes of 1 exercise are recorded in reference/.\n"
    assert known.read_bytes() == before
    assert command.run("record", "--check", cwd=copied.root).stdout == "All known mistakes are recorded.\n"


# --- self-study -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def self_study(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = {"exercises/numbers/README.md": b"# Numbers\n\nNow write [`double`](double.py).\n"}
    source = write_files(tmp_path_factory.mktemp("pages"), files(course.root) | page)
    target = tmp_path_factory.mktemp("out") / "alone"
    release(find_course(source), target, "self-study")
    return target


def test_it_counts_what_can_be_reached_alone(self_study: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "work.py").write_text("def double(number): return number * 2\n")
    done = command.run("double", "--submission", str(tmp_path / "work.py"), cwd=self_study)
    assert "4 of 4 points" in done.stdout
    assert "instructor" not in done.stdout
    assert "not decided" not in done.stdout


def test_its_pages_lead_to_the_solutions(self_study: Path) -> None:
    page = (self_study / "exercises/numbers/README.md").read_text()
    assert page == "# Numbers\n\nNow write [`double`](double.py) ([solution](../../solutions/numbers.md#double)).\n"
    assert '<a id="double"></a>' in (self_study / "solutions/numbers.md").read_text()
    assert "[`solutions/`](solutions)" in (self_study / "README.md").read_text()
    assert "Hand in" not in (self_study / "README.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--only", "double"), "--only is for --platform github, gitlab, gradescope or classroom50: leave it out, or add that."),
        (("--attempts", "2"), "--attempts is for --platform gradescope: leave it out, or add that."),
        (("--count-hidden",), "--count-hidden is for --platform gradescope"),
        (("--isolation", "strict"), "--isolation is for --platform gradescope or classroom50"),
        (("--platform", "github", "--isolation", "auto"), "--isolation is for --platform gradescope or classroom50"),
        (("--platform", "gradescope", "--audience", "course"), "--audience is about what students get"),
        (("--platform", "gitlab", "--tier", "guided"), "--tier is about what students get, and --platform makes what grades"),
    ],
)  # fmt: skip
def test_an_option_that_would_change_nothing_is_refused(
    copied: Course, tmp_path: Path, command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    done = command.run("release", str(tmp_path / "release.zip"), *arguments, cwd=copied.root)
    assert (done.returncode, sentence in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "release.zip").exists()
