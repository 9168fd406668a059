"""Gradebooks of earlier graders and of later ones: what is upgraded, what is only read, what is refused."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from grader.classroom import upgrading
from grader.classroom.gradebook import Delivery, Gradebook, Graded, Status
from grader.classroom.tables import Base
from grader.errors import UsageError
from grader.results import ExerciseResult, Outcome, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.light

LIBRARIES = "torch 2.13.0, numpy 2.4.0"
RESULT = ExerciseResult("numbers", "double", 4.0, 10.0, Outcome.FAILED, (), ())
# What the grader wrote before it counted revisions, as SQLite keeps it.
FIRST = """
CREATE TABLE about ("key" VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE students (
    student VARCHAR NOT NULL, handin VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, problem VARCHAR NOT NULL,
    PRIMARY KEY (student)
);
CREATE TABLE results (
    student VARCHAR NOT NULL, lesson VARCHAR NOT NULL, exercise VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL, points DOUBLE NOT NULL, max_points DOUBLE NOT NULL, seconds DOUBLE NOT NULL,
    isolation VARCHAR NOT NULL, graded_at VARCHAR NOT NULL, result VARCHAR NOT NULL,
    PRIMARY KEY (student, lesson, exercise), FOREIGN KEY(student) REFERENCES students (student)
);
"""


def layout(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of every table of a file, as SQLite describes them."""
    with closing(sqlite3.connect(path)) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: file.execute(f"PRAGMA table_info({name})").fetchall() for name in sorted(tables)}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return a gradebook of the grader before revisions, with a student's result and a student's problem."""
    path = tmp_path / "class.sqlite"
    about = {"schema": "grader.gradebook/1", "course": "Doubling", "libraries": LIBRARIES}
    row = ("ada", "numbers", "double", "f", "failed", 4.0, 10.0, 0.1, "strict", "2026-11-01", to_json(RESULT, indent=0))
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(FIRST)
        file.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        file.execute("INSERT INTO students VALUES ('ada', 'ada.zip', 'abc', '')")
        file.execute("INSERT INTO students VALUES ('bob', 'bob.rar', '', 'It is not an archive.')")
        file.execute(f"INSERT INTO results VALUES ({', '.join('?' * len(row))})", row)
    return path


def test_the_first_revision_is_the_gradebook_of_before(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrading, "HEAD", "0001")
    Gradebook.create(tmp_path / "new.sqlite", "Doubling", LIBRARIES).close()
    made = layout(tmp_path / "new.sqlite")
    assert made.pop("alembic_version")
    assert made == layout(old)


def test_the_last_revision_is_what_this_grader_uses(tmp_path: Path) -> None:
    book = Gradebook.create(tmp_path / "new.sqlite", "Doubling", LIBRARIES)
    with closing(book), book._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_revision_is_counted() -> None:
    config = Config()
    config.set_main_option("script_location", "grader:classroom/migrations")
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(revisions)) == upgrading.REVISIONS


def test_an_old_gradebook_is_upgraded_when_it_is_written(old: Path, tmp_path: Path) -> None:
    Gradebook.create(old, "Doubling", LIBRARIES).close()
    Gradebook.create(tmp_path / "new.sqlite", "Doubling", LIBRARIES).close()
    assert layout(old) == layout(tmp_path / "new.sqlite")
    with closing(Gradebook.create(old, "Doubling", LIBRARIES)) as book:
        ada, bob = book.records()
    assert (ada.name, ada.status, ada.results) == ("ada", Status.GRADED, {("numbers", "double"): RESULT})
    assert (bob.name, bob.status, bob.problem) == ("bob", Status.UNREADABLE, "It is not an archive.")
    assert (ada.submitted_at, ada.late) == (None, None)


def test_a_gradebook_keeps_the_secret_that_its_inputs_are_drawn_with(tmp_path: Path) -> None:
    found = []
    for name in ("one", "one", "other"):
        with closing(Gradebook.create(tmp_path / f"{name}.sqlite", "Doubling", LIBRARIES)) as book:
            found.append(book.secret)
    first, again, other = found
    assert first == again
    assert len({first, other, ""}) == 3


def test_a_gradebook_of_before_draws_as_before_until_everybody_is_graded_again(old: Path) -> None:
    with closing(Gradebook.create(old, "Doubling", LIBRARIES)) as book:
        assert book.secret == ""
    with closing(Gradebook.create(old, "Doubling", LIBRARIES, regrade=True)) as book:
        drawn = book.secret
    assert drawn
    with closing(Gradebook.create(old, "Doubling", LIBRARIES, regrade=True)) as book:
        assert book.secret == drawn


@pytest.mark.parametrize("mode", [0o644, 0o444], ids=["writable", "read-only"])
def test_reading_an_old_gradebook_leaves_it_as_it_is(old: Path, mode: int) -> None:
    before = old.read_bytes()
    old.chmod(mode)
    with closing(Gradebook.open(old)) as book:
        assert [(record.name, record.status) for record in book.records()] == [("ada", "graded"), ("bob", "unreadable")]
    assert old.read_bytes() == before


@pytest.mark.parametrize(
    ("course", "libraries"), [("Halving", LIBRARIES), ("Doubling", "torch 9")], ids=["other course", "other libraries"]
)
def test_an_old_gradebook_that_is_refused_is_not_upgraded(old: Path, course: str, libraries: str) -> None:
    before = layout(old)
    with pytest.raises(UsageError):
        Gradebook.create(old, course, libraries)
    assert layout(old) == before


# Killed when it has changed a table, and not yet committed.
KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from grader.classroom.gradebook import Gradebook

@event.listens_for(Engine, "after_cursor_execute")
def killed(connection, cursor, statement, *_):
    if statement.startswith("UPDATE students SET name"):
        os.kill(os.getpid(), signal.SIGKILL)

Gradebook.create(Path(sys.argv[1]), "Doubling", sys.argv[2])
"""


def test_a_killed_upgrade_leaves_the_old_gradebook(old: Path) -> None:
    before = layout(old)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(old), LIBRARIES], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert layout(old) == before
    with closing(Gradebook.create(old, "Doubling", LIBRARIES)) as book:
        assert [record.student for record in book.records()] == ["ada", "bob"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '0099'",
        "UPDATE about SET value = 'grader.gradebook/9' WHERE key = 'schema'",
        "DELETE FROM alembic_version",
    ],
    ids=["later revision", "later schema", "no revision"],
)
def test_a_gradebook_of_a_newer_grader_is_refused_and_left_alone(tmp_path: Path, change: str) -> None:
    path = tmp_path / "class.sqlite"
    Gradebook.create(path, "Doubling", LIBRARIES).close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(change)
    before = path.read_bytes()
    for opened in (lambda: Gradebook.open(path), lambda: Gradebook.create(path, "Doubling", LIBRARIES)):
        with pytest.raises(UsageError, match=r"another version of the grader, probably a newer one .*: install that"):
            opened()
    assert path.read_bytes() == before


def test_alembic_is_imported_for_an_upgrade_alone(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    Gradebook.create(path, "Doubling", LIBRARIES).close()
    program = (
        "import sys; from pathlib import Path; import grader.cli.main; from grader.classroom.gradebook import Gradebook; "
        f"Gradebook.open(Path({str(path)!r})).close(); Gradebook.create(Path({str(path)!r}), 'Doubling', {LIBRARIES!r})"
        ".close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# --- what is stored of people -------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with closing(Gradebook.create(tmp_path / "class.sqlite", "Doubling", LIBRARIES)) as book:
        yield book


def test_a_name_and_the_time_stand_beside_the_key(book: Gradebook) -> None:
    book.store(Delivery("4101", "Ada Alpha", "work.py", "2026-11-20T21:15:02+00:00", late=True), "abc", [])
    book.store(Delivery("4106", "Ada Alpha", "work.py"), "abc", [])
    first, second = book.records()
    assert (first.student, first.name, first.submitted_at, first.late) == (
        "4101", "Ada Alpha", "2026-11-20T21:15:02+00:00", True,
    )  # fmt: skip
    assert (second.student, second.name, second.submitted_at, second.late) == ("4106", "Ada Alpha", None, None)


def test_only_who_never_handed_in_is_absent(book: Gradebook) -> None:
    book.store(Delivery("ada", handin="ada.py"), "abc", [Graded(RESULT, "f", 0.1, "strict")])
    book.store_problem(Delivery("bob", handin="bob.rar"), "Only `bob.rar`.")
    people = [Delivery(student) for student in ("ada", "bob", "cem")]
    assert [each.student for each in book.store_absent(people)] == ["cem"]
    assert [each.student for each in book.store_absent(people)] == ["cem"]
    assert [(r.status, len(r.results)) for r in book.records()] == [("graded", 1), ("unreadable", 0), ("absent", 0)]


def test_who_hands_in_later_is_not_absent_any_more(book: Gradebook) -> None:
    book.store_absent([Delivery("ada")])
    book.store(Delivery("ada", handin="ada.py"), "abc", [Graded(RESULT, "f", 0.1, "strict")])
    assert [(record.status, record.problem) for record in book.records()] == [("graded", "")]
