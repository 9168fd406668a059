"""Gradebooks of earlier graders and of later ones: what is upgraded, what is only read, what is refused."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from grader.classroom import copies, databases, upgrading
from grader.classroom.deletion import deletions, forget, purge
from grader.classroom.gradebook import Gradebook, Overtaken
from grader.classroom.records import Choice, Comment, Decision, Delivery, Graded, HandMark
from grader.classroom.roster import Member
from grader.classroom.tables import Base
from grader.errors import UsageError
from grader.results import ExerciseResult, Outcome, to_json
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from helpers.command import Command

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
    [graded], [unread] = ada.attempts, bob.attempts
    assert (ada.name, graded.number, graded.handin, graded.problem) == ("ada", 1, "ada.zip", "")
    assert {key: stored.result for key, stored in graded.results.items()} == {("numbers", "double"): RESULT}
    assert (bob.name, unread.number, unread.problem, unread.results) == ("bob", 1, "It is not an archive.", {})
    assert (graded.submitted_at, graded.late) == (None, None)


def test_results_that_an_unreadable_hand_in_hid_become_an_attempt_of_their_own(old: Path) -> None:
    with closing(sqlite3.connect(old)) as file, file:
        file.execute("UPDATE students SET problem = 'It is empty.', handin = 'new.zip' WHERE student = 'ada'")
    with closing(Gradebook.create(old, "Doubling", LIBRARIES)) as book:
        ada = book.record("ada")
    assert ada is not None
    assert [(a.number, a.handin, a.problem, len(a.results)) for a in ada.attempts] == [
        (1, "an earlier hand-in", "", 1), (2, "new.zip", "It is empty.", 0),
    ]  # fmt: skip


def test_a_copy_is_kept_before_an_upgrade_and_no_copy_is_overwritten(old: Path) -> None:
    before = old.read_bytes()
    Gradebook.create(old, "Doubling", LIBRARIES).close()
    old.write_bytes(before)
    Gradebook.create(old, "Doubling", LIBRARIES).close()
    copies = sorted(path.name for path in old.parent.iterdir() if path != old)
    assert copies == ["class.before-upgrade-0001-2.sqlite", "class.before-upgrade-0001.sqlite"]
    assert {(old.parent / name).read_bytes() for name in copies} == {before}


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
        assert [(record.name, record.attempts[0].problem) for record in book.records()] == [
            ("ada", ""), ("bob", "It is not an archive."),
        ]  # fmt: skip
    assert old.read_bytes() == before


def course(folder: Path) -> Path:
    """Return a course of the name that the gradebooks here have."""
    return make_course(folder / "course", changes={"exercises/README.md": "# Doubling\n"})


def test_explaining_leaves_an_old_gradebook_as_it_is(old: Path, command: Command, tmp_path: Path) -> None:
    before = old.read_bytes()
    done = command.run("explain", "ada", "--gradebook", str(old), cwd=course(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ada: 4 of 10 points")
    assert old.read_bytes() == before
    assert [path.name for path in old.parent.glob("*.sqlite")] == [old.name]


@pytest.mark.parametrize(
    ("course", "libraries"), [("Halving", LIBRARIES), ("Doubling", "torch 9")], ids=["other course", "other libraries"]
)
def test_an_old_gradebook_that_is_refused_is_not_upgraded(old: Path, course: str, libraries: str) -> None:
    before = layout(old)
    with pytest.raises(UsageError):
        Gradebook.create(old, course, libraries)
    assert layout(old) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["mark", "ada", "double", "The idea", "1", "--why", "so"],
        ["override", "ada", "double", "1", "--why", "so"],
        ["choose", "ada", "double", "1", "--why", "so"],
        ["explain", "ada"],
        ["export"],
        ["export", "--format", "feedback", "-o", "pages"],
    ],
    ids=lambda arguments: " ".join(arguments[:3]),
)
def test_another_courses_gradebook_is_one_sentence_for_every_command(
    command: Command, tmp_path: Path, arguments: list[str]
) -> None:
    path = tmp_path / "class.sqlite"
    with closing(Gradebook.create(path, "Halving", LIBRARIES)) as book:
        full(book, "ada")
    before = path.read_bytes()
    done = command.run(*arguments, "--gradebook", path, cwd=course(tmp_path))
    sentence = (
        f'grade: {path} is the gradebook of "Halving", not of "Doubling": name another file. If you renamed the course, '
        "put the old heading back into exercises/README.md.\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)
    assert path.read_bytes() == before


# Killed when it has changed a table, and not yet committed.
KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from grader.classroom.gradebook import Gradebook

@event.listens_for(Engine, "after_cursor_execute")
def killed(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO attempts"):
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


def graded(points: float = 4.0, *, written: bool = True, outcome: Outcome = Outcome.FAILED, **made_of: str) -> Graded:
    result = ExerciseResult("numbers", "double", points, 10.0, outcome, (), ())
    return Graded(result, {"hand-in": "abc", **made_of}, 0.1, "strict", written, {"double.py": "def double(): ...\n"})


def test_a_name_and_the_time_stand_beside_the_key(book: Gradebook) -> None:
    book.attempt(Delivery("4101", "Ada Alpha", "work.py", "2026-11-20T21:15:02+00:00", late=True, sha256="abc"))
    book.attempt(Delivery("4106", "Ada Alpha", "work.py", sha256="abc"))
    first, second = book.records()
    assert (first.student, first.name, first.label) == ("4101", "Ada Alpha", "Ada Alpha (4101)")
    assert (first.attempts[0].submitted_at, first.attempts[0].late) == ("2026-11-20T21:15:02+00:00", True)
    assert (second.attempts[0].submitted_at, second.attempts[0].late) == (None, None)


MONDAY, TUESDAY = "2026-11-23T10:00:00+00:00", "2026-11-24T10:00:00+00:00"


@pytest.mark.parametrize(
    ("handed_in", "numbers"),
    [
        ([("a", None), ("a", None)], [1, 1]),
        ([("a", None), ("b", None)], [1, 2]),
        ([("a", None), ("b", None), ("a", None)], [1, 2, 3]),
        ([("a", MONDAY), ("a", MONDAY), ("a", TUESDAY)], [1, 1, 2]),
        ([("a", MONDAY), ("b", TUESDAY), ("a", MONDAY)], [1, 2, 1]),
        ([("a", MONDAY), ("b", MONDAY)], [1, 2]),
        ([("a", None), ("a", MONDAY), ("a", "2026-11-23T11:00:00+01:00")], [1, 1, 1]),
    ],
)
def test_a_hand_in_is_a_new_attempt_unless_it_is_known(
    book: Gradebook, handed_in: list[tuple[str, str | None]], numbers: list[int]
) -> None:
    assert [
        book.attempt(Delivery("ada", handin="ada.py", submitted_at=when, sha256=sha256)) for sha256, when in handed_in
    ] == numbers


def test_no_attempt_and_no_result_is_ever_overwritten(book: Gradebook, tmp_path: Path) -> None:
    for sha256, points in (("a", 4.0), ("b", 9.0), ("b", 10.0)):
        number = book.attempt(Delivery("ada", handin=f"{sha256}.py", sha256=sha256))
        book.store("ada", number, [graded(points)])
    book.attempt(Delivery("ada", handin="c.rar", problem="Only `c.rar`."))
    ada = book.record("ada")
    assert ada is not None
    assert [(a.number, a.handin, a.problem, [r.result.points for r in a.results.values()]) for a in ada.attempts] == [
        (1, "a.py", "", [4.0]), (2, "b.py", "", [10.0]), (3, "c.rar", "Only `c.rar`.", []),
    ]  # fmt: skip
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as file:
        assert [points for (points,) in file.execute("SELECT points FROM results ORDER BY id")] == [4.0, 9.0, 10.0]


def test_a_result_says_what_it_was_made_of_and_from_which_text(book: Gradebook) -> None:
    number = book.attempt(Delivery("ada", sha256="abc"))
    book.store("ada", number, [graded(checks="1", seed="7")])
    ada = book.record("ada")
    assert ada is not None
    [stored] = ada.attempts[0].results.values()
    assert (stored.made_of, stored.isolation) == ({"hand-in": "abc", "checks": "1", "seed": "7"}, "strict")
    assert book.texts(stored) == {"double.py": "def double(): ...\n"}
    assert book.made_of("ada", number) == {("numbers", "double"): stored.made_of}


def test_what_is_known_already_is_not_stored_again(book: Gradebook, tmp_path: Path) -> None:
    number = book.attempt(Delivery("ada", sha256="abc"))
    first = graded(4.0, checks="1")
    for entry in (first, first._replace(seconds=9.0), graded(5.0, checks="1"), graded(4.0, checks="2")):
        book.store("ada", number, [entry])
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as file:
        assert [points for (points,) in file.execute("SELECT points FROM results ORDER BY id")] == [4.0, 5.0, 4.0]


def test_one_text_is_kept_once_however_many_handed_it_in(book: Gradebook, tmp_path: Path) -> None:
    for student in ("ada", "bob"):
        book.store(student, book.attempt(Delivery(student, sha256="abc")), [graded()])
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM contents").fetchone() == (1,)


def test_whoever_the_roster_does_not_name_any_more_leaves_and_may_come_back(book: Gradebook) -> None:
    book.attempt(Delivery("ada", sha256="abc"))
    members = [Member(key, key.title()) for key in ("ada", "bob", "cem")]
    assert book.enrol(members, ["ada"]) == ([], [])
    assert [(r.student, r.name, len(r.attempts)) for r in book.records()] == [
        ("ada", "Ada", 1), ("bob", "Bob", 0), ("cem", "Cem", 0),
    ]  # fmt: skip
    assert book.enrol(members[1:], []) == (["ada"], [])
    assert book.enrol(members[1:], []) == ([], [])
    assert [(r.student, r.left_at is None, len(r.attempts)) for r in book.records()] == [
        ("ada", False, 1), ("bob", True, 0), ("cem", True, 0),
    ]  # fmt: skip
    assert book.enrol(members, []) == ([], ["ada"])


def test_decisions_are_added_and_never_overwritten(book: Gradebook) -> None:
    book.attempt(Delivery("ada", sha256="abc"))
    double = ("numbers", "double")
    for points in (3.0, 5.0, None):
        book.give("ada", HandMark(double, "Style", points, "why", "eve", ""))
    book.choose("ada", Choice(double, 1, "why", "eve", ""))
    ada = book.record("ada")
    assert ada is not None
    assert [(mark.points, mark.author) for mark in ada.hand_marks] == [(3.0, "eve"), (5.0, "eve"), (None, "eve")]
    assert [choice.attempt for choice in ada.choices] == [1]
    with pytest.raises(UsageError, match=r"ada has no attempt 2 in .*, only: 1"):
        book.choose("ada", Choice(double, 2, "why", "eve", ""))
    with pytest.raises(UsageError, match=r"Nobody in .* has the key bob"):
        book.give("bob", HandMark(double, "Style", 1.0, "why", "eve", ""))


def test_what_was_decided_from_an_older_version_is_refused_and_nothing_of_it_is_stored(book: Gradebook) -> None:
    double, other = ("numbers", "double"), ("numbers", "twofold")
    number = book.attempt(Delivery("ada", sha256="abc"))
    points, comment = (
        HandMark(double, "Style", 1.0, "why", "eve", ""),
        Comment(0, double, 1, "", None, "Hm.", "eve", ""),
    )
    changes = [
        lambda: book.store("ada", number, [graded()]),
        lambda: book.give("ada", points),
        lambda: book.choose("ada", Choice(double, 1, "why", "eve", "")),
    ]
    for change in changes:
        seen, all_seen = book.version("ada", double), book.versions()["ada"]
        change()
        before = book.record("ada")
        with pytest.raises(Overtaken, match="decided about double meanwhile"):
            book.decide(double, [Decision("ada", [points, comment], seen)])
        assert book.record("ada") == before
        assert book.versions()["ada"] != all_seen
    seen, all_seen = book.version("ada", double), book.versions()["ada"]
    book.comment("ada", comment)
    book.give("ada", points._replace(exercise=other))
    assert len(book.decide(double, [Decision("ada", [points, comment], seen)])) == 2


def test_of_several_decisions_all_are_stored_or_none(book: Gradebook) -> None:
    double = ("numbers", "double")
    book.attempt(Delivery("ada", sha256="abc"))
    before = book.record("ada")
    marks = [HandMark(double, "", 1.0, "why", "eve", ""), Choice(double, 7, "why", "eve", "")]
    with pytest.raises(UsageError, match="has no attempt 7"):
        book.decide(double, [Decision("ada", marks)])
    assert book.record("ada") == before


def test_comments_come_back_as_snippets_until_they_are_removed(book: Gradebook) -> None:
    double = ("numbers", "double")
    for student in ("ada", "bob"):
        book.attempt(Delivery(student, sha256="abc"))
        book.comment(student, Comment(0, double, 1, "", None, "Say why.", "eve", ""))
    number = book.comment("ada", Comment(0, double, 1, "double.py", 2, "Twice.", "eve", ""))
    assert book.snippets(double) == ["Say why.", "Twice."]
    assert not book.remove_comments({"bob": [number]})
    assert book.remove_comments({"ada": [number]})
    assert book.snippets(double) == ["Say why."]
    ada = book.record("ada")
    assert ada is not None
    assert [comment.text for comment in ada.comments] == ["Say why."]


# --- copies and deletion -------------------------------------------------------------------------------------------


def full(book: Gradebook, *students: str) -> None:
    for student in students:
        text = f"SECRET = '{student}-wrote-this'\n"
        number = book.attempt(Delivery(student, student.title(), sha256=student))
        book.store(student, number, [graded()._replace(code={"double.py": text})])
        book.give(student, HandMark(("numbers", "double"), "", 5.0, f"{student} asked", "eve", ""))
        book.comment(student, Comment(0, ("numbers", "double"), 1, "", None, f"{student} wrote", "eve", ""))


def test_who_is_forgotten_is_nowhere_in_the_file_and_the_deletion_is_noted_without_a_name(
    book: Gradebook, tmp_path: Path
) -> None:
    full(book, "ada", "bob")
    assert b"bob asked" in (tmp_path / "class.sqlite").read_bytes()
    forget(book, "bob", "eve")
    assert b"bob" not in (tmp_path / "class.sqlite").read_bytes().lower()
    assert [record.student for record in book.records()] == ["ada"]
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as file:
        assert file.execute("SELECT count(*) FROM contents").fetchone() == (1,)
    [(_, author, what)] = deletions(book)
    assert (author, what) == ("eve", "one student with 1 attempt")


def test_a_purge_takes_what_came_before_a_date_and_nothing_else(book: Gradebook, tmp_path: Path) -> None:
    full(book, "ada", "bob")
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as file, file:
        file.execute("UPDATE attempts SET received_at = '2020-02-01T00:00:00+00:00' WHERE student = 'ada'")
    book.enrol([Member("cem", "Cem")], ["ada", "bob", "cem"])
    assert purge(book, "2021-01-01", "eve") == (1, 1)
    assert [record.student for record in book.records()] == ["bob", "cem"]  # who never had an attempt loses nothing
    assert purge(book, "2021-01-01", "eve") == (0, 0)
    with pytest.raises(UsageError, match="yesterday is not a time"):
        purge(book, "yesterday", "eve")


def test_a_restored_copy_has_everything_again_and_what_was_there_is_kept(book: Gradebook, tmp_path: Path) -> None:
    full(book, "ada", "bob")
    before = list(book.records())
    assert copies.back_up(tmp_path / "class.sqlite", tmp_path / "copy.sqlite") == 2
    full(book, "cem")
    forget(book, "ada", "eve")
    restored = copies.restore(tmp_path / "copy.sqlite", tmp_path / "class.sqlite")
    assert list(book.records()) == before  # also for who has it open
    assert restored.kept is not None
    with closing(Gradebook.open(restored.kept)) as kept:
        assert [record.student for record in kept.records()] == ["bob", "cem"]


def test_what_is_not_a_whole_gradebook_is_neither_restored_nor_called_a_copy(book: Gradebook, tmp_path: Path) -> None:
    full(book, *(f"student{number:02}" for number in range(40)))
    copies.back_up(tmp_path / "class.sqlite", tmp_path / "copy.sqlite")
    damaged = bytearray((tmp_path / "copy.sqlite").read_bytes())
    damaged[len(damaged) // 2 :] = b"\0" * (len(damaged) - len(damaged) // 2)
    (tmp_path / "copy.sqlite").write_bytes(damaged)
    before = (tmp_path / "class.sqlite").read_bytes()
    with pytest.raises(UsageError, match="is damaged"):
        copies.restore(tmp_path / "copy.sqlite", tmp_path / "class.sqlite")
    with pytest.raises(UsageError, match="exists already"):
        copies.back_up(tmp_path / "class.sqlite", tmp_path / "copy.sqlite")
    assert (tmp_path / "class.sqlite").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"class.sqlite", "copy.sqlite"}


def test_a_damaged_row_names_its_student(book: Gradebook, tmp_path: Path) -> None:
    full(book, "ada", "bob")
    with closing(sqlite3.connect(tmp_path / "class.sqlite")) as file, file:
        file.execute("UPDATE results SET result = '{' WHERE attempt_id = 2")
    with pytest.raises(UsageError, match=r"is damaged.*\(a result of bob, attempt 1: "):
        list(book.records())


def test_a_lock_that_lasts_is_waited_for_and_said(
    book: Gradebook, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "NOTICE_SECONDS", 0.0)
    other = sqlite3.connect(tmp_path / "class.sqlite", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    said = threading.Event()

    def released() -> None:
        said.wait()
        other.execute("COMMIT")

    original = book._say_that_it_waits
    book._say_that_it_waits = lambda: (original(), said.set())  # type: ignore[method-assign, assignment, return-value]
    other_thread = threading.Thread(target=released)
    other_thread.start()
    book.attempt(Delivery("ada", sha256="abc"))
    other_thread.join()
    other.close()
    assert "is locked by another process; waiting until it is free" in capsys.readouterr().err
    assert [record.student for record in book.records()] == ["ada"]


@pytest.mark.usefixtures("book")
def test_nothing_is_deleted_where_nobody_can_be_asked(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course")
    done = command.run(
        "gradebook", "purge", "--gradebook", str(tmp_path / "class.sqlite"), "--before", "2099-01-01", cwd=course
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        2,
        ["grade: Nothing was deleted: answer y, or give --yes."],
    )
