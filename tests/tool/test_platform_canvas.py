"""Downloads from Canvas: whose each file is, what the student called it, and numbers that are not guessed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.classroom.handins import find_class, read_handed_in
from grader.classroom.platforms.canvas import own_name
from grader.classroom.platforms.download import opened
from grader.submission.model import Problem, Source
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import DOUBLE, GOOD
from helpers.downloads import CANVAS, PAGE, UUID, both_forms, find, is_right, people
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light


@both_forms
def test_canvas_is_recognised_and_its_files_are_told_apart(tmp_path: Path, form: str) -> None:
    found = find(tmp_path, CANVAS, form)
    assert found.platform.key == "canvas"
    assert people(found) == {
        "1001: alphaada": ["double.py"],
        "1002: betabo": ["double.py"],
        "1003: gämmarözoë": ["lesson.ipynb"],
        "1004: deltadee": ["double.py", "my notes_2 (final).TXT"],
        "1008: thetatom": ["double.py"],
        "1005: epsiloneve": [],
        "1007: etaeli": [],
    }
    assert sorted(h.people[0].key for h in found.handins if h.late) == ["1002", "1005"]
    assert (found.ignored, found.absent) == ([], [])


@both_forms
def test_a_text_that_was_typed_into_canvas_is_code(tmp_path: Path, form: str) -> None:
    where = write_files(tmp_path / "d", CANVAS) if form == "folder" else tmp_path / "d.zip"
    if form == "zip":
        where.write_bytes(zipped(CANVAS))
    with opened(where) as download:
        found = find_class(download)
        assert [is_right(found, key) for key in ("1001", "1003", "1004", "1005", "1007")] == [True] * 4 + [False]


@both_forms
def test_anonymous_students_of_canvas_are_told_apart_by_their_ids(tmp_path: Path, form: str) -> None:
    found = find(
        tmp_path,
        {
            "anon_Ab1cD_50011_double.py": GOOD,
            "anon_aB1cD_50014_double.py": GOOD,
            "LATE_anon_Xy2zQ_50012_double-1.py": GOOD,
            "anon_77777_50013_lesson.ipynb": notebook(GOOD),
            "anon_Ab9cD_text.html": PAGE,
        },
        form,
    )
    assert found.platform.key == "canvas"
    assert {h.people[0].key: (h.late, [f.path for f in h.files]) for h in found.handins} == {
        "anon_Ab1cD": (False, ["double.py"]),
        "anon_aB1cD": (False, ["double.py"]),
        "anon_Xy2zQ": (True, ["double.py"]),
        "anon_77777": (False, ["lesson.ipynb"]),
        "anon_Ab9cD": (False, []),
    }


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("x-1.py", "x.py"),
        ("x-12.py", "x.py"),
        ("a-1.tar.gz", "a.tar.gz"),
        (f"x-{UUID}.py", "x.py"),
        ("x.py", "x.py"),
        ("steps.v2.py", "steps.v2.py"),
        ("steps-1.v2.py", "steps.v2.py"),
        ("my-notes.py", "my-notes.py"),
        ("-1.py", "-1.py"),
        ("x-1", "x"),
    ],
)
def test_what_canvas_adds_to_a_name_is_undone(given: str, own: str) -> None:
    assert own_name(given) == own


def test_two_files_of_a_student_keep_names_that_undoing_would_make_equal(tmp_path: Path) -> None:
    files = {
        "alphaada_1001_50001_part-1.py": GOOD,
        "alphaada_1001_50002_part-2.py": "x = 1",
        "alphaada_1001_50003_notes-3.md": "Alone under its name.",
    }
    assert people(find(tmp_path, files)) == {"1001: alphaada": ["part-1.py", "part-2.py", "notes.md"]}


SEVERAL = {  # each has an attachment id of its own; the first two digits of a name are not those of the user
    "1001_50001_double.py": "from helper import twice\n\n\ndef double(number):\n    return twice(number)\n",
    "1001_50002_helper-1.py": "def twice(number):\n    return 2 * number\n",
    f"1001_50003_about my_work-{UUID}.md": "# double\n\nTwice a number is the number and the number again.\n",
    "1001_50007_2_60 figures_3.PNG": "not a picture",
}
OWN = ["double.py", "helper.py", "about my_work.md", "2_60 figures_3.PNG"]


@both_forms
@pytest.mark.parametrize("late", ["", "LATE_"])
@pytest.mark.parametrize("who", ["alphaada_", "team_7_", "anon_"])
def test_all_files_of_a_student_on_canvas_are_one_hand_in(tmp_path: Path, form: str, late: str, who: str) -> None:
    before = late + who if who == "anon_" else who + late
    files = {before + name: text for name, text in SEVERAL.items()}
    where = write_files(tmp_path / "d", files) if form == "folder" else tmp_path / "d.zip"
    if form == "zip":
        where.write_bytes(zipped(files))
    write_files(tmp_path, {"roster.csv": CLASS})
    with opened(where) as download:
        found = find_class(download, roster_file=None if who == "anon_" else tmp_path / "roster.csv")
        (handin,) = found.handins
        read = read_handed_in(handin)
    assert (found.platform.key, handin.late, found.ignored) == ("canvas", bool(late), [])
    assert handin.people[0].key == ("anon_1001" if who == "anon_" else "1001")
    assert sorted(file.path for file in handin.files) == sorted(OWN)
    assert not isinstance(read.submission, Problem)
    source = read.submission.source_of(DOUBLE)
    assert isinstance(source, Source)
    assert set(source.files) == {"double.py", "helper.py"}
    assert [answer.text for answer in read.submission.answers_to(DOUBLE)] == [
        "Twice a number is the number and the number again."
    ]


GROUPS = {"teamblue_1001_50021_double.py": GOOD, "team_7_1004_50022_double.py": GOOD}
CLASS = "Student,ID,SIS Login ID,Section\n    Points Possible,,,\n" + "".join(
    f'"{name}",{user},{login},1\n'
    for name, user, login in [("Alpha, Ada", 1001, "a"), ("Delta, Dee", 1004, "d"), ("Eta, Eli", 1007, "e")]
)


def test_a_number_in_a_groups_name_is_never_guessed_to_be_a_user(tmp_path: Path) -> None:
    found = find(tmp_path, GROUPS)
    [unknown] = [handin for handin in found.handins if not handin.people]
    assert unknown.problem == (
        "team_7_1004_50022_double.py can be of user 7 or 1004: name the class with --roster, so that it is clear whose "
        "it is."
    )


def test_a_roster_says_which_number_is_the_user(tmp_path: Path) -> None:
    found = find(tmp_path, GROUPS, roster=CLASS)
    assert people(found) == {"1001: teamblue: Alpha, Ada": ["double.py"], "1004: team_7: Delta, Dee": ["double.py"]}
    assert "so it is read as a group's, whose other members are unknown" in found.handins[0].remarks[0]
    assert (found.absent, found.remarks) == (
        [], ["It is not known whose each hand-in is, so nobody is counted as absent."]
    )  # fmt: skip


def test_a_group_counts_for_each_member_whom_the_roster_names(tmp_path: Path) -> None:
    roster = "id,name,group\n1001,Ada Alpha,Team Blue\n1002,Bo Beta,Team Blue\n1004,Dee Delta,team_7\n1005,Eve Eta,\n"
    found = find(tmp_path, GROUPS, roster=roster)
    assert people(found) == {
        "1001: Ada Alpha": ["double.py"], "1002: Bo Beta": ["double.py"], "1004: Dee Delta": ["double.py"],
    }  # fmt: skip
    assert [each.key for each in found.absent] == ["1005"]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("alphaada_1001_50001_1_intro.py", {"1001": ["1_intro.py"]}),
        ("alphaada_1001_50001_2026_11_20.py", {}),  # 1001, or 50001 with the attachment 2026
        ("alphaada_1001_50001_007_bond.py", {"1001": ["007_bond.py"]}),
    ],
)
def test_files_that_begin_with_numbers(tmp_path: Path, name: str, files: dict[str, list[str]]) -> None:
    found = find(tmp_path, {name: GOOD, "betabo_1002_50002_double.py": GOOD})
    by_key = {h.people[0].key: [f.path for f in h.files] for h in found.handins if h.people}
    assert by_key == {**files, "1002": ["double.py"]}


def test_another_file_of_the_same_student_tells_which_number_is_the_user(tmp_path: Path) -> None:
    files = {"alphaada_1001_50001_2026_11_20.py": GOOD, "alphaada_1001_50002_double.py": GOOD}
    assert people(find(tmp_path, files)) == {"1001: alphaada": ["2026_11_20.py", "double.py"]}
