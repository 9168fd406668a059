"""A gradebook that is locked, full, another course's or none at all: a sentence, and nothing in it is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from grader.classroom.gradebook import Gradebook
from grader.classroom.records import Delivery, Graded
from grader.errors import UsageError
from grader.results import ExerciseResult, Outcome
from helpers.marked_class import LIBRARIES


def result(points: float = 4.0, outcome: Outcome = Outcome.FAILED) -> ExerciseResult:
    return ExerciseResult("numbers", "double", points, 10.0, outcome, (), ())


def store(gradebook: Gradebook, student: str, outcome: Outcome = Outcome.FAILED) -> None:
    number = gradebook.attempt(Delivery(student, handin=f"{student}.py", sha256="abc"))
    gradebook.store(student, number, [Graded(result(outcome=outcome), {"hand-in": "abc"}, 0.1, "strict")])


@pytest.fixture
def gradebook(tmp_path: Path) -> Gradebook:
    return Gradebook.create(tmp_path / "class.sqlite", "Doubling", LIBRARIES, lock_seconds=0.05)


def test_an_error_of_the_grader_has_no_fingerprint(gradebook: Gradebook) -> None:
    store(gradebook, "ada", Outcome.ERROR)
    assert gradebook.made_of("ada", 1) == {}


def test_a_locked_gradebook_is_a_sentence_and_keeps_what_it_has(gradebook: Gradebook, tmp_path: Path) -> None:
    store(gradebook, "ada")
    with closing(sqlite3.connect(tmp_path / "class.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UsageError, match=r"class\.sqlite is locked by another process.*stays"):
            store(gradebook, "bob")
    assert [record.student for record in gradebook.records()] == ["ada"]


def test_a_full_disk_is_a_sentence_and_keeps_what_it_has(gradebook: Gradebook) -> None:
    store(gradebook, "ada")
    with gradebook._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # of the one connection that the pool has
    with pytest.raises(UsageError, match="the disk is full"):
        gradebook.attempt(Delivery("bob", handin="bob.py", problem="x" * 100_000))
    assert [record.student for record in gradebook.records()] == ["ada"]


def test_a_read_only_database_is_a_sentence(gradebook: Gradebook) -> None:
    with gradebook._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(UsageError, match="may not be written"):
        store(gradebook, "ada")


def test_another_courses_gradebook_is_refused(gradebook: Gradebook, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='is the gradebook of "Doubling", not of "Halving"'):
        Gradebook.create(tmp_path / "class.sqlite", "Halving", LIBRARIES)
    assert gradebook.course == "Doubling"


@pytest.mark.parametrize("content", [b"student,points\n" * 100, b"PK\x03\x04" * 300])
def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "class.sqlite"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not an SQLite file"):
        Gradebook.create(path, "Doubling", LIBRARIES)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE students (name TEXT)")
    with pytest.raises(UsageError, match="a database of something else"):
        Gradebook.create(path, "Doubling", LIBRARIES)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("students",)]


@pytest.mark.usefixtures("gradebook")
def test_a_gradebook_of_a_newer_kind_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as other, other:
        other.execute("UPDATE about SET value = 'grader.gradebook/9' WHERE key = 'schema'")
    with pytest.raises(UsageError, match=r"grader\.gradebook/9"):
        Gradebook.open(tmp_path / "class.sqlite")


def test_reading_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no gradebook"):
        Gradebook.open(tmp_path / "class.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_gradebook_that_was_begun_with_other_libraries_is_refused_until_all_is_graded_again(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    Gradebook.create(path, "Doubling", LIBRARIES).close()
    other = LIBRARIES.replace("2.13.0", "2.14.1")
    sentence = r"was begun with torch 2\.13\.0\. Here is torch 2\.14\.1, .* with --regrade\."
    with pytest.raises(UsageError, match=sentence):
        Gradebook.create(path, "Doubling", other)
    Gradebook.create(path, "Doubling", other, regrade=True).close()
    Gradebook.create(path, "Doubling", other).close()
    with pytest.raises(UsageError, match=r"was begun with torch 2\.14\.1"):
        Gradebook.create(path, "Doubling", LIBRARIES)


def test_a_gradebook_of_before_libraries_were_recorded_takes_those_of_now(tmp_path: Path) -> None:
    path = tmp_path / "class.sqlite"
    Gradebook.create(path, "Doubling", LIBRARIES).close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DELETE FROM about WHERE key = 'libraries'")
    Gradebook.create(path, "Doubling", "torch 2.14.1").close()
    with pytest.raises(UsageError, match=r"was begun with torch 2\.14\.1"):
        Gradebook.create(path, "Doubling", LIBRARIES)
