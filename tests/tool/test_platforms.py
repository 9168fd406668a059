"""What teaching platforms deliver: whose each file is, what the student called it, and what is said of the rest."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from grader.classroom.handins import Class, find_class, read_handed_in
from grader.classroom.platforms.canvas import own_name
from grader.classroom.platforms.download import opened
from grader.classroom.platforms.named import named
from grader.classroom.platforms.recognition import recognised
from grader.classroom.text_entry import code_of, text_of
from grader.errors import UsageError
from grader.submission.model import Problem, Source
from helpers.archives import zipped
from helpers.course_factory import write_files
from helpers.doubling import DOUBLE, GOOD
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light

PAGE = f'<!DOCTYPE html><html><head><meta charset="UTF-8"></head><body><pre>{GOOD}</pre></body></html>'
UUID = "3f0c1b9a-7f0e-4a57-9d55-0c6a2f2b7e10"
METADATA = """---
submission_11:
  :submitters:
  - :name: Ada Alpha
    :sid: 'a-1'
    :email: ada@example.org
  :created_at: 2026-11-20 21:15:02.123456000 Z
submission_12:
  :submitters:
  - :name: Bo Beta
    :sid: 'b-2'
    :email: bo@example.org
  - :name: Zoë Gämma
    :sid:
    :email: zoe@example.org
  :created_at: 2026-11-21 23:59:59 Z
submission_13:
  :submitters:
  - :name: Dee Delta
    :sid: '004'
"""
SCORES = (
    "username,first_name,last_name,email,section,score,max_score,datetime,late\n"
    "ada-1,Ada,Alpha,ada@example.org,1,10,10,2026-11-20T20:00:00Z,false\n"
    "ada-1,Ada,Alpha,ada@example.org,1,3,10,2026-11-19T20:00:00Z,false\n"
    "bo,Bo,Beta,bo@example.org,1,0,10,2026-11-21T08:00:00Z,true\n"
    "cem,,,,,,,,\n"
)


def find(tmp_path: Path, files: dict[str, str], form: str = "folder", roster: str = "", **options: str) -> Class:
    """Return what is found in a download of these files, unpacked or as it came."""
    where = write_files(tmp_path / "download", files) if form == "folder" else tmp_path / "download.zip"
    if form == "zip":
        where.write_bytes(zipped(files))
    if roster:
        write_files(tmp_path, {"roster.csv": roster})
    with opened(where) as download:
        found = find_class(download, options.get("platform"), tmp_path / "roster.csv" if roster else None)
        for handin in found.handins:
            read_handed_in(handin)  # which must be possible, whatever it is
        return found


def people(found: Class) -> dict[str, list[str]]:
    """Return the names of everybody's files, as the student called them, by who they are."""
    return {
        f"{person.key}: {person.name}": [file.path for file in handin.files]
        for handin in found.handins
        for person in handin.people
    }


def is_right(found: Class, key: str) -> bool:
    """Tell whether a student's hand-in is read as a right solution."""
    handin = next(each for each in found.handins if key in [person.key for person in each.people])
    submission = read_handed_in(handin).submission
    return not isinstance(submission, Problem) and isinstance(submission.source_of(DOUBLE), Source)


both_forms = pytest.mark.parametrize("form", ["folder", "zip"])


# --- Canvas -------------------------------------------------------------------------------------------------------

CANVAS = {
    "alphaada_1001_50001_double.py": GOOD,
    "betabo_LATE_1002_50002_double-1.py": GOOD,
    "gämmarözoë_1003_50003_lesson.ipynb": notebook(GOOD),
    "deltadee_1004_50004_double.py": GOOD,
    "deltadee_1004_50005_my notes_2 (final).TXT": "made up",
    f"thetatom_1008_50008_double-{UUID}.py": GOOD,
    "epsiloneve_LATE_1005_text.html": PAGE,
    "etaeli_1007_link.html": "<html></html>",
}


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


# --- Moodle -------------------------------------------------------------------------------------------------------


def moodle(end: str = "", *, flat: bool = False, blind: bool = False) -> dict[str, str]:
    """Return a download in one of the layouts that Moodle has had."""

    def path(name: str, number: int, plugin: str, file: str) -> str:
        owner = f"{'Participant' if blind else name}_{number}_assignsubmission_{plugin}"
        return f"{owner}_{file.rpartition('/')[2]}" if flat else f"{owner}{end}/{file}"

    return {
        path("Ada Alpha", 4101, "file", "double.py"): GOOD,
        path("Ada Alpha", 4106, "file", "src/double.py"): "def double(number): return number\n",
        path("Zoë Gämma-Rö", 4103, "onlinetext", "onlinetext.html"): PAGE,
        path("Bo Beta", 4102, "file", "lesson.ipynb"): notebook(GOOD),
        path("Bo Beta", 4102, "onlinetext", "onlinetext.html"): "<p>Here is my work!</p>",
        path("Bo Beta", 4102, "onlinetext", "picture.png"): "",
    }


@pytest.mark.parametrize(
    "files",
    [moodle(), moodle("_"), moodle(flat=True), moodle(blind=True)],
    ids=["folders", "folders before 4.1", "flat", "blind"],
)
@both_forms
def test_moodle_is_recognised_in_every_layout(tmp_path: Path, files: dict[str, str], form: str) -> None:
    found = find(tmp_path, files, form)
    assert found.platform.key == "moodle"
    assert {h.people[0].key: [f.path.rpartition("/")[2] for f in h.files] for h in found.handins} == {
        "4101": ["double.py"], "4102": ["lesson.ipynb"], "4103": [], "4106": ["double.py"],
    }  # fmt: skip
    assert {key: is_right(find(tmp_path, files), key) for key in ("4101", "4102", "4103")} == dict.fromkeys(
        ("4101", "4102", "4103"), True
    )


def test_two_people_of_one_name_stay_two(tmp_path: Path) -> None:
    found = find(tmp_path, moodle())
    assert sorted(h.label for h in found.handins if h.label.startswith("Ada")) == [
        "Ada Alpha (4101)",
        "Ada Alpha (4106)",
    ]


def test_a_text_that_is_not_code_is_left_out_and_said(tmp_path: Path) -> None:
    with opened(write_files(tmp_path / "d", moodle())) as download:
        bo = next(h for h in find_class(download).handins if h.label.startswith("Bo"))
        assert read_handed_in(bo).remarks == (
            "Bo Beta (4102): The text that was typed in is not Python code that defines a function: it is left out.",
        )


TEAMS = {
    "Team Blue_31_assignsubmission_file/double.py": GOOD,
    "Team 7_4102_assignsubmission_file/double.py": GOOD,
    "Default group_assignsubmission_file/double.py": GOOD,
}


def test_teams_of_moodle_are_rows_where_nobody_names_their_members(tmp_path: Path) -> None:
    found = find(tmp_path, TEAMS)
    assert people(found).keys() == {"31: Team Blue", "4102: Team 7", "Default group: Default group"}


def test_the_number_of_a_team_is_not_a_participants(tmp_path: Path) -> None:
    sheet = "Identifier,Full name,Group\nParticipant 4102,Bo Beta,Team Blue\nParticipant 4101,Ada Alpha,Team Blue\n"
    found = find(tmp_path, TEAMS, roster=sheet)
    assert people(found).keys() == {
        "4102: Bo Beta", "4101: Ada Alpha", "Team 7_4102: Team 7", "Default group: Default group",
    }  # fmt: skip


# --- Gradescope ---------------------------------------------------------------------------------------------------

GRADESCOPE = {
    "submission_metadata.yml": METADATA,
    "submission_11/double.py": GOOD,
    "submission_12/lesson.ipynb": notebook(GOOD),
    "submission_14/handin/double.py": GOOD,
}


@pytest.mark.parametrize("outer", ["", "assignment_9100_export/"], ids=["inside", "outside"])
@both_forms
def test_gradescope_says_whose_each_folder_is(tmp_path: Path, outer: str, form: str) -> None:
    files = {f"{outer}{name}": text for name, text in GRADESCOPE.items()} | {f"__MACOSX/{outer}._x": ""}
    found = find(tmp_path, files, form)
    assert found.platform.key == "gradescope"
    assert people(found) == {
        "ada@example.org: Ada Alpha": ["double.py"],
        "bo@example.org: Bo Beta": ["lesson.ipynb"],
        "zoe@example.org: Zoë Gämma": ["lesson.ipynb"],
        "004: Dee Delta": [],
        "submission_14: submission_14": ["handin/double.py"],
    }
    assert [h.submitted_at for h in found.handins[:3]] == [
        "2026-11-20T21:15:02.123456+00:00", "2026-11-21T23:59:59+00:00", None,
    ]  # fmt: skip
    assert read_handed_in(found.handins[2]).submission == Problem("No file was handed in.")


def test_keys_without_colons_are_read_too(tmp_path: Path) -> None:
    plain = METADATA.replace(" :", " ")
    assert "ada@example.org: Ada Alpha" in people(find(tmp_path, {**GRADESCOPE, "submission_metadata.yml": plain}))


def test_whoever_is_in_two_active_submissions_has_two_handins(tmp_path: Path) -> None:
    twice = METADATA + "submission_14:\n  :submitters:\n  - :name: Bo Beta\n    :email: bo@example.org\n"
    found = find(tmp_path, {**GRADESCOPE, "submission_metadata.yml": twice})
    [bo] = [h for h in found.handins if "bo@example.org" in [person.key for person in h.people]]
    assert bo.problem.startswith("There are 2 hand-ins of Bo Beta (bo@example.org) (")
    assert "zoe@example.org: Zoë Gämma" in people(found)


def test_a_submitter_who_is_named_twice_is_one(tmp_path: Path) -> None:
    twice = METADATA.replace("  - :name: Zoë Gämma\n    :sid:\n    :email: zoe@", "  - :name: B. Beta\n    :email: bo@")
    found = find(tmp_path, {**GRADESCOPE, "submission_metadata.yml": twice})
    assert found.handins[1].label == "Bo Beta (bo@example.org)"
    assert found.handins[1].problem == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", r"submission_metadata.yml is not valid YAML \(line 2\): export"),
        ("- 1", "does not name submissions"),
        ("a: !!python/object/apply:os.getcwd []", "is not valid YAML"),
        ("\x00", "is not valid YAML"),
    ],
    ids=["unfinished", "a list", "a call", "null byte"],
)
def test_metadata_that_cannot_be_used_is_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find(tmp_path, {**GRADESCOPE, "submission_metadata.yml": text})


# --- classrooms on GitHub -----------------------------------------------------------------------------------------

CLASSROOM50 = {
    "scores.csv": SCORES,
    **{f"sd-hw-{login}/double.py": GOOD for login in ("ada-1", "bo", "cem")},
    "sd-hw-bo/result.json": "{}",
}


@both_forms
@pytest.mark.parametrize("folder", ["sd-hw_submissions_2026_11_21_T_09_30_00", "renamed"])
def test_classroom_50_names_folders_after_logins(tmp_path: Path, folder: str, form: str) -> None:
    found = find(tmp_path, {f"{folder}/{name}": text for name, text in CLASSROOM50.items()}, form)
    assert found.platform.key == "classroom50"
    assert people(found) == {"ada-1: Ada Alpha": ["double.py"], "bo: Bo Beta": ["double.py"], "cem: cem": ["double.py"]}
    assert [(h.submitted_at, h.late) for h in found.handins] == [
        ("2026-11-20T20:00:00+00:00", False), ("2026-11-21T08:00:00+00:00", True), (None, None),
    ]  # fmt: skip
    assert found.handins[2].remarks == (
        "scores.csv names no submission of cem: what lies in the repository was graded.",
    )


def test_what_github_classroom_left_is_read(tmp_path: Path) -> None:
    logins = ("ada", "bo-2026", "cem")
    files = {f"hw-submissions/hw-{login}/{name}": GOOD for login in logins for name in ("double.py", ".github/x.yml")}
    roster = '"identifier","github_username","github_id","name"\n"Alpha, Ada","ada","1",""\n"Eta, Eli","","",""\n'
    found = find(tmp_path, files, roster=roster)
    assert found.platform.key == "classroom50"
    assert people(found) == {
        "ada: Alpha, Ada": ["double.py"],
        "bo-2026: bo-2026": ["double.py"],
        "cem: cem": ["double.py"],
    }
    assert found.absent == []  # Eli may be bo-2026 or cem
    assert found.remarks == [
        "Not on the roster: bo-2026, cem.",
        "Perhaps one of these, so not counted as absent: Eta, Eli. Complete the roster.",
    ]


def test_who_is_on_the_roster_without_a_login_is_absent_where_everybody_else_is_known(tmp_path: Path) -> None:
    files = {"hw-submissions/hw-ada/double.py": GOOD}
    roster = '"identifier","github_username","github_id","name"\n"Alpha, Ada","ada","1",""\n"Eta, Eli","","",""\n'
    found = find(tmp_path, files, roster=roster)
    assert [(each.key, each.name) for each in found.absent] == [("Eta, Eli", "Eta, Eli")]
    assert found.remarks == []


# --- no platform --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ["ada.py", "bo.py"],
        ["ada/work.py", "bo/work.py"],
        ["ada_hw_1.py", "bo_hw_1.py"],
        ["ada_2026_11_hw.py", "bo_2026_11_hw.py"],
        ["ada_2026_1120_hw.py", "bo_2026_1120_hw.py"],
        ["ada_3_1_hw.py", "bo_3_2_hw.py"],
        ["alphaada_1001_50001_double.py", "bo.py"],
        ["alphaada_1001_50001_double.py", "bo/work.py"],
        ["Ada_1001_50001_double.py", "Bo_1002_50002_double.py"],
        ["a_4101_assignsubmission_file/x.py", "bo/x.py"],
        ["submission_1/x.py", "submission_2/x.py"],
        ["hw-ada/x.py", "hw-bo/x.py"],
        ["anon_1_x.py", "bo.py"],
        ["submission_metadata.yml/x.py"],
    ],
    ids=" ".join,
)
def test_ordinary_handins_are_not_taken_for_a_platforms(tmp_path: Path, names: list[str]) -> None:
    assert find(tmp_path, dict.fromkeys(names, GOOD)).platform.key == "folders"


@pytest.mark.parametrize("more", ["README.md", "gradebook.csv", "notes.txt"])
def test_what_is_not_a_handin_does_not_hide_the_platform(tmp_path: Path, more: str) -> None:
    found = find(tmp_path, {**CANVAS, more: ""})
    assert (found.platform.key, found.ignored) == ("canvas", [more])


def test_an_archive_of_ordinary_handins_is_read_like_their_folder(tmp_path: Path) -> None:
    files = {"class/ada/double.py": GOOD, "class/bo.py": GOOD, "class/notes.pdf": ""}
    found = find(tmp_path, files, "zip")
    assert people(found) == {"ada: ada": ["double.py"], "bo: bo": ["bo.py"]}
    assert found.ignored == ["notes.pdf"]


@pytest.mark.parametrize("name", ["canvas", "moodle", "gradescope", "classroom50"])
def test_a_platform_that_finds_nothing_says_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"contains (nothing that is named as|no submission_metadata)"):
        find(tmp_path, {"ada.py": GOOD}, platform=name)


def test_a_platform_can_be_named(tmp_path: Path) -> None:
    assert people(find(tmp_path, {"ada_3_1_hw.py": GOOD}, platform="canvas")) == {"3: ada": ["hw.py"]}
    assert people(find(tmp_path, CANVAS, platform="folders")).keys() >= {
        "alphaada_1001_50001_double: " + "alphaada_1001_50001_double"
    }


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ada.rar", "Rar!\x1a\x07", "only `ada.rar`, a RAR archive"),
        ("ada/work.rar", "Rar!\x1a\x07", "only `work.rar`, a RAR archive"),
        ("ada/notes.pdf", "%PDF-1.7", "only `notes.pdf`, a PDF document"),
        ("ada/empty.7z", "", "only `empty.7z`, which is not an archive"),
    ],
)
@both_forms
def test_a_handin_that_cannot_be_read_names_what_was_seen(
    tmp_path: Path, name: str, content: str, said: str, form: str
) -> None:
    files = {name: content, "bo.py": GOOD}
    where = write_files(tmp_path / "download", files) if form == "folder" else tmp_path / "download.zip"
    if form == "zip":
        where.write_bytes(zipped(files))
    with opened(where) as download:
        problem = read_handed_in(find_class(download).handins[0]).submission
    assert isinstance(problem, Problem)
    assert problem.sentence == (
        f"ada contains no .py file or notebook, {said}: hand in the .py file or the notebook itself, or a zip archive of "
        "your files."
    )


def test_a_film_leaves_room_for_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.handins.MAX_HANDIN_BYTES", 10_000)
    files = {"ada_3_101_a film.mp4": "x" * 20_000, "ada_3_102_all.zip": "x" * 20_000, "ada_3_103_double.py": GOOD}
    with opened(write_files(tmp_path / "download", files)) as download:
        read = read_handed_in(find_class(download, "canvas").handins[0])
    assert not isinstance(read.submission, Problem)
    assert [file.path for file in read.submission._files] == ["double.py"]
    assert ["too large" in remark for remark in read.remarks] == [True]


# --- --names ------------------------------------------------------------------------------------------------------


def test_a_pattern_says_whose_each_file_is(tmp_path: Path) -> None:
    files = {"hw1/Alpha+ada+x.py": GOOD, "hw1/Alpha+ada+y.py": "y = 1", "hw1/Beta+bo+x.py": GOOD, "hw1/other.py": ""}
    with opened(write_files(tmp_path, files)) as download:
        found = find_class(download, named(r".*/\w+\+(?P<student>\w+)\+(?P<file>.+)"))
    assert people(found) == {"ada: ada": ["x.py", "y.py"], "bo: bo": ["x.py"]}
    assert found.ignored == ["hw1/other.py"]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", r"--names is not a regular expression \(.*\): correct it"),
        ("(?P<who>.*)", "--names has no group `student`"),
        ("(?P<student>a)(?P<student", "is not a regular expression"),
        ("*", "is not a regular expression"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_a_sentence(pattern: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        named(pattern)


def test_a_pattern_without_end_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.platforms.named._SECONDS", 0.05)
    with (
        opened(write_files(tmp_path, {"a" * 60 + "!.py": GOOD})) as download,
        pytest.raises(UsageError, match=r"takes too long on a+!"),
    ):
        find_class(download, named(r"(?P<student>(a|aa|aaa)+)+$(?<=b)"))


def test_a_pattern_that_matches_nothing_is_a_sentence(tmp_path: Path) -> None:
    with (
        opened(write_files(tmp_path, {"ada.py": GOOD})) as download,
        pytest.raises(UsageError, match="--names matches"),
    ):
        find_class(download, named("(?P<student>zz+)"))


# --- text entries -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page",
    [
        f"<pre>{GOOD}</pre>",
        "<p>def double(number):<br>&nbsp;&nbsp;&nbsp; return 2 * number</p>",
        "<p>def double(number):</p>\n<p>&nbsp; &nbsp; return 2 * number</p>",
        "<div>def double(number):</div><div>\xa0\xa0return 2 * number</div>",
        "<p><span>def</span> double(number):<br/>\n&nbsp;return 2 *\nnumber</p>",
        "<ul><li>def double(number): return 2 * number</li></ul>",
        "<style>p { color: red }</style><p>def double(number): return 2 * number</p><script>x(</script>",
        f"<pre><code>{GOOD}</code></pre>",
        f"<p>```python</p><pre>{GOOD}</pre><p>```</p>",
        "<pre>def double(number):\r\n    return 2 * number if number &lt; 3 else number * 2\r\n</pre>",
        "\ufeff<p>def double(number): return 2 * number</p>",
        "<p>def double(number): return 2 * number</p><!-- cut off",
        "<!DOCTYPE html><!-- <p>a</p> --><p>def double(number): return 2 * number</p>",
    ],
)
def test_code_in_a_page_is_taken_out_as_it_was_typed(page: str) -> None:
    code = code_of(page.encode())
    assert code is not None
    names: dict[str, object] = {}
    exec(code, names)
    assert names["double"](2) == 4  # type: ignore[operator]


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<p>My solution is in the file.</p>",
        "<p>done</p>",
        "<p>x = 1</p>",
        "<p>My solution:</p><pre>def double(number):\n    return 2 * number</pre>",
        "<pre>def double(number:\n    return</pre>",
        "<pre>" + "x = 1\n" * 100_000 + "</pre>",
        "<pre>" + "(" * 5000 + "</pre>",
        "<" * 10_000,
        "<!-- " * 20_000,
        "<!" * 40_000,
        "<a b='" * 15_000,
        "</a " * 15_000,
    ],
    ids=[
        "empty",
        "prose",
        "a word",
        "no definition",
        "prose and code",
        "syntax",
        "large",
        "deep",
        "tags",
        "comments",
        "declarations",
        "attributes",
        "ends",
    ],
)
def test_what_is_not_code_is_left_out(page: str) -> None:
    assert code_of(page.encode()) is None


def test_a_page_is_shown_line_by_line() -> None:
    assert text_of(b"<p>one<br>two</p>\n\n<p>three &amp; <b>four</b></p>") == "one\ntwo\nthree & four\n"


# --- archives -----------------------------------------------------------------------------------------------------


def test_paths_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    found = find(tmp_path, {"../../ada.py": GOOD, "/etc/bo.py": GOOD, "C:\\cem.py": GOOD}, "zip")
    assert not list(tmp_path.parent.glob("ada.py"))
    assert all(".." not in file.path for handin in found.handins for file in handin.files)


@pytest.mark.parametrize(
    ("content", "method", "said"),
    [
        ("#" * 5_000_000, zipfile.ZIP_DEFLATED, "is compressed to a suspiciously small size"),
        (GOOD, zipfile.ZIP_BZIP2, "is compressed with a method that is not supported"),
    ],
    ids=["bomb", "bzip2"],
)
def test_what_an_archive_packs_too_well_is_not_read(tmp_path: Path, content: str, method: int, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "class.zip", "w", method) as archive:
        archive.writestr("alphaada_1001_50001_x.ipynb", content)
        archive.writestr("betabo_1002_50002_x.py", "x = 1\n", zipfile.ZIP_STORED)
    with opened(tmp_path / "class.zip") as download:
        ada, bo = find_class(download).handins
        problem = read_handed_in(ada).submission
        assert not isinstance(read_handed_in(bo).submission, Problem)
    assert isinstance(problem, Problem)
    assert said in problem.sentence


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.classroom.platforms.download.MAX_FILES", 3)
    write_files(tmp_path, {**{f"d/{name}.py": "" for name in "abcd"}, "class.zip": zipped(dict.fromkeys("abcd", ""))})
    for path in (tmp_path / "d", tmp_path / "class.zip"):
        with pytest.raises(UsageError, match="contains more than 3 files"), opened(path):
            pass


def test_a_damaged_archive_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(b"PK\x03\x04 and no more")
    with (
        pytest.raises(UsageError, match=r"class\.zip is not a zip archive, or is damaged: download it again"),
        opened(tmp_path / "class.zip"),
    ):
        pass


def test_an_archive_is_recognised_in_itself(tmp_path: Path) -> None:
    (tmp_path / "class.zip").write_bytes(zipped(CANVAS))
    with opened(tmp_path / "class.zip") as download:
        platform, place = recognised(download)
    assert (platform.key, place.place) == ("canvas", None)


def test_a_link_in_a_download_is_not_followed(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {"secret.py": GOOD, "d/Ada_4101_assignsubmission_file/x.txt": "", "d/Bo_4102_assignsubmission_file/y.py": GOOD},
    )
    (tmp_path / "d/Ada_4101_assignsubmission_file/double.py").symlink_to(tmp_path / "secret.py")
    with opened(tmp_path / "d") as download:
        problem = read_handed_in(find_class(download).handins[0]).submission
    assert isinstance(problem, Problem)
    assert "double.py is a symbolic link, which is not followed" in problem.sentence


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("alphaada_1001_50001_double.py")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with opened(tmp_path / "class.zip") as download:
        problem = read_handed_in(find_class(download).handins[0]).submission
    assert isinstance(problem, Problem)
    assert "double.py is a symbolic link, which is not followed" in problem.sentence
