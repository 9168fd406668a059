"""A gradebook in PostgreSQL is the same as one in a file: for several who write at once, and for who is killed."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.classroom.gradebook import Gradebook
from grader.classroom.tables import ResultRow
from grader.errors import UsageError
from helpers import postgres
from helpers.course_factory import make_course, write_files
from helpers.patience import wait_until
from helpers.writing import COURSE, LIBRARIES, Writer, write_class

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.command import Command
    from helpers.postgres import Server

GRADE = str(Path(sys.executable).with_name("grade"))
STUDENTS = 40


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Server]:
    with postgres.running() as server:
        yield server


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path, postgresql: Server) -> str:
    return str(tmp_path / "class.sqlite") if request.param == "SQLite" else postgresql.database()


def contents(place: str) -> list[object]:
    """Return all that a gradebook says but when it was told."""
    with closing(Gradebook.open(place)) as book:
        return [
            (
                record.student, record.name,
                [(a.number, a.sha256, a.problem, a.submitted_at, {
                    key: (stored.result, stored.fingerprint, stored.made_of, book.texts(stored))
                    for key, stored in a.results.items()
                }) for a in record.attempts],
                record.hand_marks,
            )
            for record in book.records()
        ]  # fmt: skip


def test_both_kinds_of_database_hold_the_same(tmp_path: Path, postgresql: Server) -> None:
    places = [str(tmp_path / "class.sqlite"), postgresql.database()]
    for place in places:
        write_class(place, 5)
    assert contents(places[0]) == contents(places[1])
    assert len(contents(places[0])) == 5


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """Return what is in a gradebook that one process has written without a break."""
    place = str(tmp_path_factory.mktemp("alone") / "class.sqlite")
    write_class(place, STUDENTS)
    return contents(place)


def test_two_who_write_at_once_write_everything_once(place: str, alone: list[Any]) -> None:
    both = [Writer(place, STUDENTS), Writer(place, STUDENTS)]
    assert [writer.after(STUDENTS).exit_code() for writer in both] == [0, 0]
    assert [row[2] for row in contents(place)] == [row[2] for row in alone]  # type: ignore[index]


def test_thirty_kills_change_nothing(place: str, alone: list[object]) -> None:
    rng = random.Random(30)
    for kill in range(30):
        # Wherever it is by then: between two transactions or in one.
        Writer(place, STUDENTS).after(rng.randrange(kill + 1)).kill()
    assert Writer(place, STUDENTS).exit_code() == 0
    assert contents(place) == alone


def test_graders_and_a_marker_work_at_once_on_one_class(place: str, tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course")
    rubric = course / "rubrics/numbers.toml"
    rubric.write_text(
        rubric.read_text().replace("points = 10", "points = 14")
        + '\n[[exercises.double.criteria]]\ntitle = "In words"\npoints = 4\nvisibility = "public"\nmanual = true\n'
    )
    write_files(
        tmp_path / "handins",
        {f"s{i:02}.py": f"def double(number):\n    return {1 + i % 2} * number\n" for i in range(12)},
    )
    common = ["../handins", "--gradebook", place, "--jobs", "1", "--isolation", "auto"]
    graders = [
        subprocess.Popen(
            [GRADE, "batch", *common], cwd=course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]

    def known() -> set[str]:
        try:
            with closing(Gradebook.open(place)) as book:
                return set(book.students())
        except UsageError:  # it is just being made
            return set()

    for i in range(12):
        wait_until(lambda i=i: f"s{i:02}" in known() or all(g.poll() is not None for g in graders), "nobody came")
        given = ["mark", f"s{i:02}", "double", "In words", "3", "--why", "clear", "--gradebook", place]
        marked = command.run(*given, cwd=course)
        assert marked.returncode == 0, marked.stderr
    for grader in graders:
        said, complaint = grader.communicate()
        assert grader.returncode == 0, said + complaint
    exported = command.run("export", "--gradebook", place, cwd=course).stdout.splitlines()[2:]
    totals = {line.split(",")[0]: line.split(",")[5] for line in exported}
    assert totals == {f"s{i:02}": "13" if i % 2 else "3" for i in range(12)}
    with closing(Gradebook.open(place)) as book:
        assert [len(record.attempts) for record in book.records()] == [1] * 12
        with book.session() as session:
            assert session.query(ResultRow).count() == 12  # and not what each of the two has graded


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda address: address.replace("/class", "/no_such_"),
            r"cannot be used \(.*does not exist\): start the server, or correct",
        ),
        (lambda address: address.replace("127.0.0.1:", "127.0.0.1:1"), "is not an address|cannot be used"),
        (lambda address: address.replace("postgresql://", "mysql://"), "begins with postgresql://, not with mysql://"),
        (lambda address: address.replace("127.0.0.1", "127.0.0.2"), "cannot be used"),
    ],
    ids=["no database", "no port", "another kind", "no server"],
)
def test_a_database_that_cannot_be_used_is_a_sentence_without_the_password(
    postgresql: Server, change: object, said: str
) -> None:
    address = change(postgresql.database())  # type: ignore[operator]
    with pytest.raises(UsageError, match=said) as refused:
        Gradebook.create(address, COURSE, LIBRARIES)
    assert "secret" not in str(refused.value)


def test_a_copy_of_a_database_is_made_by_its_own_tools(postgresql: Server, tmp_path: Path) -> None:
    address = postgresql.database()
    Gradebook.create(address, COURSE, LIBRARIES).close()
    with closing(Gradebook.open(address)) as book, pytest.raises(UsageError, match="back it up with `pg_dump`"):
        book.back_up(tmp_path / "copy")
