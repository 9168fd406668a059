"""Who is in a class: the tables of the platforms, tables of one's own, and what is said of others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.classroom.handins import find_class
from grader.classroom.platforms.download import opened
from grader.classroom.roster import Member, Roster, read_roster
from grader.errors import UsageError
from helpers.course_factory import write_files

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light

CANVAS = (
    "Student{0}ID{0}SIS User ID{0}SIS Login ID{0}Section{0}Combine masked (9001)\n"
    "{0}{0}{0}{0}{0}Manual Posting\n"
    "    Points Possible{0}{0}{0}{0}{0}10.00\n"
    '"Alpha, Ada"{0}1001{0}sis-a{0}student-a{0}Section 1 and Section 2{0}7.50\n'
    '"Gämma-Rö, Zoë"{0}1003{0}{0}student-c{0}Section 1{0}EX\n'
    '"Student, Test"{0}1099{0}{0}student-test{0}Section 1{0}\n'
)
TWO_COLUMNS = "LastName,FirstName,ID,SIS Login ID,Section,Hw (1)\n    Points Possible,,,,,10\nAlpha,Ada,1001,a,1,\n"
MOODLE = (
    "Identifier,Full name,Email address,Status,Group,Grade,Last modified (submission)\n"
    'Participant 4101,Ada Alpha,a@example.org,Submitted for grading,Team 7,,"Friday, 20 November 2026, 10:15 PM"\n'
    "Participant 4106,Ada Alpha,f@example.org,No submission,,,-\n"
)
GERMAN = (
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung\n"
    'Teilnehmer/in4101,Ada Alpha,a@example.org,Zur Bewertung abgegeben,"7,50"\n'
)
BLIND = "Identifier,Status,Grade\nParticipant 4101,Submitted for grading,\n"
FINNISH = "Tunniste,Koko nimi\nOsallistuja 4101,Ada Alpha\n"
GRADESCOPE = (
    "First Name,Last Name,SID,Email,Sections,Total Score,Max Points,Status,Submission ID,Submission Time,"
    "Lateness (H:M:S)\n"
    "Ada,Alpha,a-1,a@example.org,,10.0,10.0,Graded,700001,2026-11-20 22:15:02 +0100,00:15:02\n"
    "Bo,Beta,b-2,b@example.org,,10.0,10.0,Graded,700002,2026-11-20 20:00:00 +0100,00:00:00\n"
    "Eli,Eta,,e@example.org,,,10.0,Missing,,,\n"
)
CLASSROOM50 = "username,first_name,last_name,email,section,github_id\nada-1,Ada,Alpha,a@example.org,1,7\n"
GITHUB = '"identifier","github_username","github_id","name"\n"Alpha, Ada","ada-1","1",""\n"Epsilon, Eve","","",""\n'
WANTED = {  # what a platform knows people by
    "canvas": (("id", "sis", "login", "student"), False),
    "moodle": (("identifier", "id", "student"), True),
    "gradescope": (("email", "sid", "id", "student"), False),
    "classroom50": (("login", "id", "student", "identifier"), False),
}


def read(tmp_path: Path, text: str | bytes, platform: str = "canvas") -> Roster:
    columns, digits = WANTED[platform]
    write_files(tmp_path, {"class.csv": text})
    return read_roster(tmp_path / "class.csv", columns, digits=digits)


def plain(roster: Roster) -> list[tuple[str, str]]:
    return [(member.key, member.name) for member in roster.members]


@pytest.mark.parametrize(
    ("text", "platform", "members"),
    [
        (CANVAS.format(","), "canvas", [("1001", "Alpha, Ada"), ("1003", "Gämma-Rö, Zoë"), ("1099", "Student, Test")]),
        (CANVAS.format(";"), "canvas", [("1001", "Alpha, Ada"), ("1003", "Gämma-Rö, Zoë"), ("1099", "Student, Test")]),
        ("\ufeff" + CANVAS.format(";").replace("\n", "\r\n"), "canvas", [("1001", "Alpha, Ada"), ("1003", "Gämma-Rö, Zoë"), ("1099", "Student, Test")]),
        (TWO_COLUMNS, "canvas", [("1001", "Ada Alpha")]),
        (MOODLE, "moodle", [("4101", "Ada Alpha"), ("4106", "Ada Alpha")]),
        ("\ufeff" + MOODLE, "moodle", [("4101", "Ada Alpha"), ("4106", "Ada Alpha")]),
        (GERMAN, "moodle", [("4101", "Ada Alpha")]),
        (BLIND, "moodle", [("4101", "")]),
        (FINNISH, "moodle", [("4101", "")]),
        (GRADESCOPE, "gradescope", [("a@example.org", "Ada Alpha"), ("b@example.org", "Bo Beta"), ("e@example.org", "Eli Eta")]),
        (CLASSROOM50, "classroom50", [("ada-1", "Ada Alpha")]),
        (GITHUB, "classroom50", [("ada-1", "Alpha, Ada"), ("Epsilon, Eve", "Epsilon, Eve")]),
        ("id,name\n1001,Ada\n\n1002,Bo\n", "canvas", [("1001", "Ada"), ("1002", "Bo")]),
        ("Name\tStudent ID\nAda\t1001\n", "canvas", [("1001", "Ada")]),
        ("student\nada\n", "canvas", [("ada", "")]),
        ("email;name\na@example.org;Ada\n", "gradescope", [("a@example.org", "Ada")]),
    ],
    ids=[
        "Canvas", "Canvas, semicolons", "Canvas, BOM and CRLF", "Canvas, two columns of names", "Moodle", "Moodle, BOM",
        "Moodle, German", "Moodle, blind", "Moodle, Finnish", "Gradescope", "Classroom 50", "GitHub Classroom", "ids",
        "tabs", "one column", "addresses",
    ],
)  # fmt: skip
def test_a_table_names_the_class(tmp_path: Path, text: str, platform: str, members: list[tuple[str, str]]) -> None:
    assert plain(read(tmp_path, text, platform)) == members


def test_a_member_is_found_by_whatever_nobody_else_has(tmp_path: Path) -> None:
    roster = read(tmp_path, CANVAS.format(","))
    found = [roster.find(known) for known in ("1001", "SIS-A", "student-a", "alpha, ada", " 1001 ", "nobody", "")]
    assert [member and member.key for member in found] == ["1001"] * 5 + [None] * 2
    twins = read(tmp_path, MOODLE, "moodle")
    assert twins.find("Ada Alpha") is None
    assert twins.find("f@example.org") == twins.members[1]


def test_times_and_lateness_come_along(tmp_path: Path) -> None:
    ada, bo, eli = read(tmp_path, GRADESCOPE, "gradescope").members
    assert (ada.submitted_at, ada.late) == ("2026-11-20T22:15:02+01:00", True)
    assert (bo.late, eli.submitted_at, eli.late) == (False, None, None)
    first, second = read(tmp_path, MOODLE, "moodle").members
    assert (first.submitted_at, first.group, second.submitted_at) == ("2026-11-20T22:15:00", "Team 7", None)


@pytest.mark.parametrize("shown", ["Friday, November 20, 2026, 10:15 PM", "Friday, 20 November 2026, 22:15"])
def test_times_are_read_as_moodle_writes_them_in_english_anywhere(tmp_path: Path, shown: str) -> None:
    first, _ = read(tmp_path, MOODLE.replace("Friday, 20 November 2026, 10:15 PM", shown), "moodle").members
    assert first.submitted_at == "2026-11-20T22:15:00"


def test_groups_are_found_with_and_without_blanks() -> None:
    ada, bo = Member("1", "Ada", group="Team Blue"), Member("2", "Bo", group="team blue")
    roster = Roster([ada, bo, Member("3", "Cem")])
    assert roster.group("teamblue") == [ada, bo]
    assert roster.group("") == roster.group("team") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "names nobody"),
        (b"\n\n", "names nobody"),
        (b"Section,Grade\n1,2\n", "names nobody"),
        (b"id,name\n", "names nobody"),
        ("id,name\n1,Zoë\n".encode("latin-1"), r"is not UTF-8 \(byte 12\): save it as CSV in UTF-8"),
        ("id,name\n1,Zoë\n".encode("utf-16"), "is not UTF-8"),
        (b'id,name\n1,"' + b"x" * 200_000 + b'"\n', r"is not a CSV file \(field larger"),
    ],
    ids=["empty", "blank", "other table", "headings alone", "Latin-1", "UTF-16", "a huge cell"],
)
def test_a_table_that_names_nobody_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=rf"class\.csv {said}"):
        read(tmp_path, content)


def test_a_roster_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"none\.csv cannot be read \(No such file or directory\): check its name and its folder"
    ):
        read_roster(tmp_path / "none.csv", ("id",), digits=False)


# --- a roster beside hand-ins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roster", "keys", "absent"),
    [
        ("student,name\nada,Ada A\nbo,Bo B\ncem,Cem C\n", ["ada", "bo"], ["cem"]),
        ("id,login\n1,ada\n2,bo\n3,cem\n", ["ada", "bo"], ["cem"]),
        ("email,name\na@x.org,Ada\nb@x.org,Bo\nc@x.org,Cem\n", ["Ada", "Bo"], ["Cem"]),
        ("name\nADA\nBo\nCem\n", ["ADA", "Bo"], ["Cem"]),
    ],
    ids=["students", "logins", "names", "capitals"],
)
def test_in_ordinary_folders_the_column_that_names_them_counts(
    tmp_path: Path, roster: str, keys: list[str], absent: list[str]
) -> None:
    write_files(tmp_path, {"class.csv": roster, "d/ada.py": "", "d/bo/work.py": ""})
    with opened(tmp_path / "d") as download:
        found = find_class(download, None, tmp_path / "class.csv")
    assert [handin.people[0].key for handin in found.handins] == keys
    assert [each.key for each in found.absent] == absent


def test_strangers_are_named_and_graded(tmp_path: Path) -> None:
    write_files(tmp_path, {"class.csv": "student\nada\n", "d/ada.py": "", "d/bo.py": ""})
    with opened(tmp_path / "d") as download:
        found = find_class(download, None, tmp_path / "class.csv")
    assert (len(found.handins), found.remarks, found.absent) == (2, ["Not on the roster: bo."], [])


def test_another_classes_roster_makes_nobody_absent(tmp_path: Path) -> None:
    write_files(tmp_path, {"class.csv": "student\nxim\nyve\n", "d/ada.py": "", "d/bo.py": ""})
    with opened(tmp_path / "d") as download:
        found = find_class(download, None, tmp_path / "class.csv")
    assert found.absent == []
    assert found.remarks == ["The roster names none of those who handed in, so nobody is counted as absent."]


def test_the_student_that_canvas_makes_for_teachers_is_never_absent(tmp_path: Path) -> None:
    write_files(tmp_path, {"class.csv": CANVAS.format(","), "d/alphaada_1001_50001_x.py": ""})
    with opened(tmp_path / "d") as download:
        found = find_class(download, None, tmp_path / "class.csv")
    assert [(each.key, each.name) for each in found.absent] == [("1003", "Gämma-Rö, Zoë")]
