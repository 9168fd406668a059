"""A student's working copy: made into an empty folder, updated without touching the student's code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader import __version__, edition, working_copy
from grader.authoring.recording import record
from grader.course.finding import find_course
from grader.errors import UsageError
from helpers.course_factory import make_course, write_files
from helpers.recording import recording_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Course
    from grader.sandbox.outside.server import ForkServer

STUB = "exercises/numbers/double.py"
CHECK = "exercises/numbers/checks/test_double.py"
PAGE = "exercises/numbers/README.md"
SOLVED = "def double(number):\n    return 2 * number\n"


@pytest.fixture(scope="module")
def recorded(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the files of a small course with its mistakes recorded."""
    root = make_course(
        tmp_path_factory.mktemp("course"), changes={PAGE: "# Numbers\n", "constraints.txt": "torch==2.13.0\n"}
    )
    course = find_course(root)
    with recording_with(server):
        record(course, course.exercises, jobs=1)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def course(
    recorded: dict[str, bytes], server: ForkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Course]:
    """Return the course that the grader comes with; tests change its files."""
    root = write_files(tmp_path / "clone", recorded)
    monkeypatch.setattr(working_copy, "_PACKAGE", root / "grader")
    monkeypatch.setattr(working_copy, "_SHIPPED", root / "grader" / "edition")
    with recording_with(server):
        yield find_course(root)


@pytest.fixture
def copy(course: Course, tmp_path: Path) -> Path:  # noqa: ARG001 - it is what the copy is made of
    working_copy.make(tmp_path / "copy")
    return tmp_path / "copy"


def texts(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}


def change(course: Course, path: str, old: str, new: str) -> None:
    """Change a file of the course that the grader comes with, as a new version does."""
    place = course.root / path
    assert old in place.read_text()
    place.write_text(place.read_text().replace(old, new))
    if path == CHECK:
        record(course, course.exercises, jobs=1)


def test_a_new_copy_is_the_edition_with_a_start_page_and_a_record(copy: Path) -> None:
    assert sorted(texts(copy)) == [
        ".grade.json", "README.md", "constraints.txt", "exercises/README.md", PAGE, CHECK, STUB,
        "mistakes/numbers/double.json", "pytest.ini", "rubrics/numbers.toml",
    ]  # fmt: skip
    record = json.loads((copy / ".grade.json").read_text())
    assert (record["schema"], record["grader"], record["audience"]) == ("grader.copy/1", __version__, "course")
    assert set(record["files"]) == set(texts(copy)) - {".grade.json"}


def test_the_start_page_says_how_to_install_grade_and_hand_in(copy: Path) -> None:
    page = (copy / "README.md").read_text()
    for text in (
        "# Doubling, step by step",
        "pip install",
        "Open `exercises/numbers/double.py`",
        "grade double",
        "## Hand in",
    ):
        assert text in page
    assert "[the course's first page](exercises/README.md)" in page


def test_a_wheels_own_edition_is_what_a_copy_is_made_of(course: Course, tmp_path: Path) -> None:
    edition.write(course.root / "grader/edition", edition.files(course, edition.COURSE))
    write_files(
        course.root / "grader/edition", {f"{PAGE}": "# From the wheel\n", "exercises/numbers/__pycache__/x.pyc": b"\0"}
    )
    assert working_copy.make(tmp_path / "copy") == 1
    assert (tmp_path / "copy" / PAGE).read_text() == "# From the wheel\n"
    assert not list((tmp_path / "copy").rglob("__pycache__"))


def test_an_installation_without_a_course_says_so(course: Course, tmp_path: Path) -> None:
    for path in (course.root / "reference").rglob("*.py"):
        path.unlink()
    (course.root / "reference").rename(course.root / "gone")
    with pytest.raises(UsageError, match="comes without a course"):
        working_copy.make(tmp_path / "copy")


def test_the_folder_one_is_in_can_be_filled(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    inode = (tmp_path / "here").stat().st_ino
    assert working_copy.make(Path()) == 1
    assert (tmp_path / "here" / STUB).is_file()
    assert (tmp_path / "here").stat().st_ino == inode
    assert not [path for path in (tmp_path / "here").iterdir() if path.name.startswith(".grade-")]


@pytest.mark.parametrize("kind", ["a folder with a file", "a file", "a dangling link", "in a missing folder"])
def test_what_is_there_is_left_alone(course: Course, tmp_path: Path, kind: str) -> None:  # noqa: ARG001
    target = tmp_path / "target"
    if kind == "a folder with a file":
        write_files(target, {"mine.txt": "mine"})
    elif kind == "a file":
        target.write_text("mine")
    elif kind == "a dangling link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target = tmp_path / "missing" / "target"
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=r"is not empty|there is no folder"):
        working_copy.make(target)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


# --- updates ----------------------------------------------------------------------------------------------------


def test_an_update_without_news_changes_nothing(copy: Path) -> None:
    before = texts(copy)
    assert working_copy.update(copy) == working_copy.Updated()
    assert texts(copy) == before


def test_changed_pages_and_checks_come_and_the_students_code_stays(course: Course, copy: Path) -> None:
    (copy / STUB).write_text(SOLVED)
    write_files(copy, {"exercises/numbers/helper_of_mine.py": "x = 1\n"})
    change(course, PAGE, "# Numbers", "# Numbers, mended")
    change(course, CHECK, "Twice two is four.", "Two and two is four.")
    done = working_copy.update(copy)
    assert sorted(done.written) == sorted([PAGE, CHECK, "mistakes/numbers/double.json"])
    assert done.kept == []
    assert (copy / PAGE).read_text() == "# Numbers, mended\n"
    assert "Two and two is four." in (copy / CHECK).read_text()
    assert (copy / STUB).read_text() == SOLVED
    assert (copy / "exercises/numbers/helper_of_mine.py").read_text() == "x = 1\n"
    assert working_copy.update(copy) == working_copy.Updated()


def test_a_stub_that_was_not_touched_gets_its_new_statement(course: Course, copy: Path) -> None:
    change(course, STUB, "Return twice `number`.", "Return the double of `number`.")
    assert working_copy.update(copy).written == [STUB]
    assert "the double of" in (copy / STUB).read_text()


def test_the_new_statement_of_a_stub_that_was_worked_on_is_put_beside_it(course: Course, copy: Path) -> None:
    (copy / STUB).write_text(SOLVED)
    change(course, STUB, "Return twice `number`.", "Return the double of `number`.")
    done = working_copy.update(copy)
    assert (done.written, done.kept) == ([], [STUB])
    assert (copy / STUB).read_text() == SOLVED
    assert "the double of" in (copy / f"{STUB}.new").read_text()


def test_a_page_that_the_student_has_changed_is_kept_beside_the_new_one(course: Course, copy: Path) -> None:
    (copy / PAGE).write_text("# My notes\n")
    change(course, PAGE, "# Numbers", "# Numbers, mended")
    working_copy.update(copy)
    assert (copy / PAGE).read_text() == "# Numbers, mended\n"
    assert (copy / f"{PAGE}.yours").read_text() == "# My notes\n"


def test_a_file_that_the_course_has_dropped_goes_unless_it_was_changed(course: Course, copy: Path) -> None:
    (course.root / PAGE).unlink()
    assert working_copy.update(copy).removed == [PAGE]
    assert not (copy / PAGE).exists()


def test_an_interrupted_update_is_finished_by_the_next(
    course: Course, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(course, PAGE, "# Numbers", "# Numbers, mended")
    change(course, STUB, "Return twice `number`.", "Return the double of `number`.")
    with monkeypatch.context() as patched:
        written: list[Path] = []

        def stop(place: Path, content: bytes) -> None:
            if written:
                raise KeyboardInterrupt
            written.append(place)
            write(place, content)

        write = working_copy._write
        patched.setattr(working_copy, "_write", stop)
        with pytest.raises(KeyboardInterrupt):
            working_copy.update(copy)
    assert len(written) == 1
    working_copy.update(copy)
    assert (copy / PAGE).read_text() == "# Numbers, mended\n"
    assert "the double of" in (copy / STUB).read_text()
    assert working_copy.update(copy) == working_copy.Updated()


def test_other_folders_and_other_courses_are_refused(course: Course, copy: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is not a working copy: .* `grade init DIR`"):
        working_copy.update(tmp_path)
    change(course, "exercises/README.md", "# Doubling, step by step", "# Halving")
    with pytest.raises(
        UsageError, match='a copy of the course "Doubling, step by step", and this grader comes with "Halving"'
    ):
        working_copy.update(copy)


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "grader.copy/2"}', '{"schema": "grader.copy/1", "files": 3}'])
def test_a_damaged_record_is_a_sentence(copy: Path, text: str) -> None:
    (copy / ".grade.json").write_text(text)
    with pytest.raises(UsageError, match="cannot be read"):
        working_copy.update(copy)


def test_an_edition_for_self_study_is_not_turned_into_a_course(course: Course, tmp_path: Path) -> None:
    made = edition.files(course, edition.SELF_STUDY)
    edition.write(tmp_path / "alone", working_copy.files(course.name, made, edition.SELF_STUDY, None))
    with pytest.raises(UsageError, match="is an edition for self-study"):
        working_copy.update(tmp_path / "alone")
