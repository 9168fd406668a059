"""`grade batch` on downloads of platforms: whose each hand-in is, which attempt counts, and what has changed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.classroom.class_page import class_page
from grader.classroom.export import Counted, Undecided, read_class
from grader.course.finding import find_course
from helpers.course_factory import make_course, write_files
from helpers.doubling import GOOD as RIGHT
from helpers.doubling import UNCHANGED

if TYPE_CHECKING:
    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command
    from helpers.command import Done as Said

CANVAS = {
    "alphaada_1001_50001_double.py": RIGHT,
    "betabo_LATE_1002_50002_double-1.py": UNCHANGED,
    "deltadee_1004_50004_work.rar": "",
}
ROSTER = "Student,ID,Section\n" + "".join(
    f'"{name}",{user},1\n'
    for name, user in [("Alpha, Ada", 1001), ("Beta, Bo", 1002), ("Delta, Dee", 1004), ("Eta, Eli", 1007)]
)


class Desk:
    """`grade batch` and `grade export`, as often as one likes, beside a folder `download`."""

    def __init__(self, root: Path, command: Command, isolation: Isolation) -> None:
        self._isolation = isolation
        self.course = make_course(root / "course")
        self.root = root
        self._command = command

    def batch(self, files: dict[str, str] | None = None, *options: str, roster: str = "") -> Said:
        if files is not None:
            shutil.rmtree(self.root / "download", ignore_errors=True)
            write_files(self.root / "download", files)
        if roster:
            write_files(self.root, {"roster.csv": roster})
            options = (*options, "--roster", "../roster.csv")
        return self._command.run(
            *("batch", "../download", "--gradebook", "class.sqlite", "--jobs", "1"),
            *("--isolation", self._isolation.value, *options),
            cwd=self.course,
        )

    def marks(self, *options: str) -> dict[str, list[str]]:
        """Return name, total and message of every row of the export by key."""
        done = self._command.run("export", "--gradebook", "class.sqlite", *options, cwd=self.course)
        self.said = done.stderr
        rows = list(csv.DictReader(io.StringIO(done.stdout)))[1:]
        return {row["student"]: [row["name"], row["total"], row["message"]] for row in rows}


@pytest.fixture
def desk(tmp_path: Path, command: Command, isolation: Isolation, jobs_in_this_process: None) -> Desk:  # noqa: ARG001
    return Desk(tmp_path, command, isolation)


def test_a_download_is_recognised_and_ends_with_what_could_not_be_read(desk: Desk) -> None:
    done = desk.batch(CANVAS, roster=ROSTER)
    assert done.returncode == 1
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert lines[:2] == [
        "Read as a download from Canvas.",
        "Hand-ins: 2 graded, 1 could not be graded, 1 handed in nothing.",
    ]
    assert lines[2] == "Handed in nothing: Eta, Eli (1007)."
    assert lines[3].startswith(
        "  Delta, Dee (1004)  Delta, Dee (1004) contains no .py file or notebook, only `work.rar`"
    )
    assert lines[-1].startswith("Next: ")


def test_a_folder_with_the_work_of_last_week_makes_none_of_it_late(desk: Desk) -> None:
    shutil.rmtree(desk.course)
    make_course(desk.course, ["numbers/double", "numbers/twofold"])
    due = "due = 2026-11-20T12:00:00\npercent = 50\n"
    policy = f'schema = "grader.policy/1"\ntime_zone = "UTC"\n[lessons.numbers.exercises.double]\n{due}'
    write_files(desk.course, {"rubrics/policy.toml": policy})
    roster = "id,name,submission time\nada,Ada,{}\n"
    desk.batch({"ada/double.py": RIGHT}, roster=roster.format("2026-11-20T10:00"))
    twofold = RIGHT.replace("double", "twofold")
    desk.batch({"ada/double.py": RIGHT, "ada/twofold.py": twofold}, roster=roster.format("2026-11-27T10:00"))
    assert desk.marks()["ada"][:2] == ["Ada", "20"]
    changed = RIGHT.replace("number", "it")
    desk.batch({"ada/double.py": changed, "ada/twofold.py": twofold}, roster=roster.format("2026-11-28T10:00"))
    assert desk.marks()["ada"][:2] == ["Ada", "10"]  # nothing is left of what is a week late


def test_what_gets_no_points_for_its_form_is_listed_with_the_reason(desk: Desk) -> None:
    shutil.rmtree(desk.course)
    make_course(desk.course, ["numbers/double", "numbers/twofold"])
    stubs = {
        f"fay/{name}.py": (desk.course / f"exercises/numbers/{name}.py").read_text() for name in ("double", "twofold")
    }
    done = desk.batch(
        {
            "ada/double.py": RIGHT,  # the other one is missing, as it is where somebody has not come so far
            "bo/empty.py": "",
            "cy/double.py": RIGHT.replace("double", "doubel"),
            "di/work.py": RIGHT + "\n\ndef twofold(number) return 2 * number\n",
            "ed/double.py": UNCHANGED,  # wrong, and it was run
            **stubs,
        }
    )  # fmt: skip
    assert "Hand-ins: 6 graded." in done.stdout
    assert "Could not be run, so it got no points; worth a look:" in done.stdout
    said = " ".join(done.stdout.partition("worth a look:")[2].partition("Next:")[0].split())
    bo, cy, di = (said.index(f"{each} ") for each in ("bo", "cy double:", "di double:"))
    assert said[bo:cy] == "bo Nothing for any of the 2 exercises is in it. "
    assert said[cy:di].startswith("cy double: `double` was not found in")
    assert said[cy:di].endswith("did you mean to rename `doubel`? ")
    assert said[di:].startswith("di double: work.py has a syntax error on line 5")
    assert said[di:].endswith("1 more could not be run either.")
    assert not any(f"{each} " in said[:bo] for each in ("ada", "ed", "fay"))
    again = desk.batch()
    assert "Could not be run" in again.stdout


def test_an_export_holds_back_what_could_not_be_read_and_says_so(desk: Desk) -> None:
    desk.batch(CANVAS, roster=ROSTER)
    only = (
        "Delta, Dee (1004) contains no .py file or notebook, only `work.rar`, which is not an archive: hand in the .py file "
        "or the notebook itself, or a zip archive of your files."
    )
    assert desk.marks() == {
        "1001": ["Alpha, Ada", "10", ""],
        "1002": ["Beta, Bo", "0", ""],
        "1004": ["Delta, Dee", "", only],
        "1007": ["Eta, Eli", "0", "Nothing was handed in."],
    }
    assert desk.said == (
        "grade: 1 could not be read, and their marks are held back (empty): Delta, Dee (1004).\n"
        "grade: 1 handed in nothing, and count as 0: Eta, Eli (1007).\n"
    )
    other = desk.marks("--unreadable", "zero", "--absent", "hold")
    assert [other[key][1] for key in ("1004", "1007")] == ["0", ""]
    assert "1 could not be read, and count as 0: Delta, Dee (1004)." in desk.said
    assert "1 handed in nothing, and their marks are held back (empty): Eta, Eli (1007)." in desk.said


def test_what_cannot_be_decided_holds_back_its_exercise_alone(desk: Desk) -> None:
    shutil.rmtree(desk.course)
    make_course(desk.course, ["numbers/double", "numbers/twofold"])
    twofold = RIGHT.replace("double", "twofold")
    wrong = "def twofold(number): return 3 * number"
    done = desk.batch(
        {
            "ada/double.py": RIGHT, "ada/one/twofold.py": twofold, "ada/two/twofold.py": wrong,
            "bo/one/twofold.py": twofold, "bo/two/twofold.py": wrong,
            "cy/double.py": RIGHT, "cy/twofold.py": "# \N{CURRENCY SIGN}\n" + twofold,
            "di/double.py": RIGHT, "di/twofold.py": "def twofold(number) return 2 * number",
            "ed/double.py": RIGHT, "ed/more.rar": "Rar!\x1a\x07",
        }
    )  # fmt: skip
    (desk.root / "download/cy/twofold.py").write_bytes(f"# \N{EURO SIGN}\n{twofold}".encode("cp1252"))
    done = desk.batch()
    assert done.returncode == 1
    twice = "`twofold` is defined in one/twofold.py and in two/twofold.py: keep one."
    marks = desk.marks()
    assert {student: total for student, (_, total, _) in marks.items()} == {
        "ada": "", "bo": "", "cy": "20", "di": "10", "ed": "",
    }  # fmt: skip
    assert marks["ada"][2] == f"twofold: {twice}"
    assert marks["bo"][2] == twice
    assert marks["cy"][2].startswith(
        "twofold: Attempt 2 does not count, because it could not be graded: twofold.py is not UTF-8"
    )
    assert "more.rar" in marks["ed"][2]
    assert "1 could not be read, and their marks are held back (empty): bo." in desk.said
    assert "2 could not be read in part, and their marks are held back (empty): ada, ed." in desk.said
    assert "1 handed in something later that could not be read, so an earlier attempt counts: cy." in desk.said
    page = desk._command.run("export", "--gradebook", "class.sqlite", "--format", "html", cwd=desk.course).stdout
    assert "Of 3 students something could not be read, and those marks are open." in page
    assert "The grader broke" not in page
    counted = desk.marks("--unreadable", "zero")
    assert {student: total for student, (_, total, _) in counted.items()} == {
        "ada": "10", "bo": "0", "cy": "20", "di": "10", "ed": "10",
    }  # fmt: skip


def test_lateness_is_kept_and_changes_no_mark_without_a_policy(desk: Desk) -> None:
    desk.batch(CANVAS)
    exported = json.loads(
        desk._command.run("export", "--gradebook", "class.sqlite", "--format", "json", cwd=desk.course).stdout
    )
    late = {
        student["student"]: (student["attempts"][0]["late"], student["penalty"]) for student in exported["students"]
    }
    assert late == {"1001": (False, 0), "1002": (True, 0), "1004": (False, 0)}


def test_the_same_work_downloaded_again_is_not_graded_again(desk: Desk) -> None:
    desk.batch(CANVAS)
    later = {name.replace("_500", "_600"): text for name, text in CANVAS.items()}
    assert "Hand-ins: 0 graded, 2 unchanged since they were graded, 1 could not" in desk.batch(later).stdout
    assert len(desk.marks()) == 3


def test_a_later_hand_in_that_cannot_be_read_takes_nothing_away(desk: Desk) -> None:
    desk.batch(CANVAS)
    done = desk.batch(
        {"alphaada_1001_50009_double.7z": "", "betabo_1002_50002_double.py": UNCHANGED}, "--from", "canvas"
    )
    assert done.returncode == 1
    name, total, message = desk.marks()["1001"]
    assert (name, total) == ("alphaada", "10")
    assert "Attempt 2 does not count, because it could not be graded" in message
    assert "only `double.7z`, which is not an archive" in message
    desk.batch(CANVAS)
    assert desk.marks()["1001"] == ["alphaada", "10", ""]


def test_a_resubmission_of_another_exercise_takes_nothing_away(desk: Desk) -> None:
    shutil.rmtree(desk.course)
    make_course(desk.course, ["numbers/double", "numbers/twofold"])
    desk.batch({"ada/double.py": RIGHT})
    assert desk.marks()["ada"][1] == "10"
    desk.batch({"ada/twofold.py": RIGHT.replace("double", "twofold")})
    assert desk.marks()["ada"][1] == "20"


def test_a_worse_resubmission_counts_by_default_and_not_where_the_best_attempt_does(desk: Desk) -> None:
    desk.batch({"ada.py": RIGHT})
    done = desk.batch({"ada.py": UNCHANGED})
    assert "Marks that changed since the last run: 1 (0 went up, 1 down or open)." in done.stdout
    assert re.search(r"ada +double +10 -> 0 +attempt 2 counts instead of attempt 1\.", done.stdout)
    assert desk.marks()["ada"][1] == "0"
    write_files(
        desk.course,
        {"rubrics/policy.toml": 'schema = "grader.policy/1"\ntime_zone = "UTC"\nattempt = "best"\n'},
    )
    assert desk.marks()["ada"][1] == "10"


def test_a_name_in_the_policy_that_nobody_has_is_said(desk: Desk) -> None:
    extension = '[[extensions]]\nstudents = ["adda"]\nhours = 24\n'
    policy = f'schema = "grader.policy/1"\ntime_zone = "UTC"\n[defaults]\ndue = 2026-11-20T12:00:00\n{extension}'
    write_files(desk.course, {"rubrics/policy.toml": policy})
    said = " ".join(desk.batch({"ada.py": RIGHT}).stdout.split())
    assert "rubrics/policy.toml names a student `adda` whom nobody knows: did you mean" in said
    write_files(desk.course, {"rubrics/policy.toml": policy.replace("adda", "ada")})
    assert "whom nobody knows" not in desk.batch().stdout


def test_of_whom_the_time_is_not_known_is_said_where_there_is_a_due_date(desk: Desk) -> None:
    policy = 'schema = "grader.policy/1"\ntime_zone = "UTC"\n[defaults]\ndue = 2026-11-20T12:00:00\n'
    write_files(desk.course, {"rubrics/policy.toml": policy})
    said = " ".join(desk.batch(CANVAS, roster=ROSTER).stdout.split())
    assert "lateness costs them nothing. They are of Alpha, Ada (1001), Beta, Bo (1002)." in said
    assert "The platform called some of them late: Beta, Bo (1002)." in said
    lines = [
        f"{line},{'submission time' if not at else '2026-11-19T12:00'}" for at, line in enumerate(ROSTER.splitlines())
    ]
    assert "lateness costs them nothing" not in desk.batch(CANVAS, roster="\n".join(lines)).stdout  # as it advises


def test_whoever_stops_a_run_is_told_that_nothing_is_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.classroom.batch.grade_class", stopped)
    done = desk.batch({"ada.py": RIGHT})
    assert (done.returncode, done.stderr) == (130, "grade: Stopped. The same command goes on from there.\n")
    monkeypatch.setattr("grader.classroom.export.read_class", stopped)
    desk.marks()
    assert desk.said == "grade: Stopped.\n"


def test_the_next_command_can_be_pasted(desk: Desk) -> None:
    done = desk.batch({"ada.py": RIGHT}, "--gradebook", "my class.sqlite")
    assert "Next: grade export --gradebook 'my class.sqlite' --format html -o class.html" in done.stdout


def test_points_that_are_no_number_are_refused_with_a_hint(desk: Desk) -> None:
    desk.batch({"ada.py": RIGHT})
    for said, hint in (("2,5", ": write 2.5"), ("many", "")):
        command = ("override", "ada", "double", said, "--why", "Oral exam.", "--gradebook", "class.sqlite")
        done = desk._command.run(*command, cwd=desk.course)
        assert (done.returncode, done.stderr) == (2, f"grade: `{said}` is not a number of points{hint}.\n")


def test_who_leaves_the_roster_leaves_the_class_and_keeps_the_marks(desk: Desk) -> None:
    desk.batch(CANVAS, roster=ROSTER)
    later = {name: text for name, text in CANVAS.items() if "_1002_" not in name}
    done = desk.batch(later, roster="\n".join(line for line in ROSTER.splitlines() if "1002" not in line))
    assert "Not on the roster any more, so left out from now on: Beta, Bo (1002)." in done.stdout
    assert "1002" not in desk.marks()
    assert "1 left the class, and so left out: Beta, Bo (1002)." in desk.said
    assert "On the roster again: Beta, Bo (1002)." in desk.batch(later, roster=ROSTER).stdout
    assert desk.marks()["1002"][1] == "0"


def test_a_check_that_was_mended_regrades_whom_it_concerns_and_says_who_gained(desk: Desk) -> None:
    hidden = desk.course / "reference/numbers/double/test_hidden.py"
    right = hidden.read_text()
    hidden.write_text(right.replace("reference.double(-3)", "-7"))
    assert hidden.read_text() != right
    desk.batch({"ada.py": RIGHT, "bo.py": UNCHANGED})
    assert desk.marks()["ada"][1] == "4"
    hidden.write_text(right)
    done = desk.batch()
    assert re.search(r"ada +double +4 -> 10 +the checks changed\.", done.stdout)
    assert "bo " not in done.stdout.partition("Marks that changed")[2]


def test_a_group_is_graded_once_and_counts_for_each_member(desk: Desk) -> None:
    roster = "id,name,group\n1001,Ada,Team Blue\n1002,Bo,Team Blue\n1003,Cem,\n"
    done = desk.batch({"teamblue_1001_50021_double.py": RIGHT}, roster=roster)
    assert "Hand-ins: 1 graded, 1 handed in nothing." in done.stdout
    assert {key: row[:2] for key, row in desk.marks().items()} == {
        "1001": ["Ada", "10"], "1002": ["Bo", "10"], "1003": ["Cem", "0"],
    }  # fmt: skip


def test_whose_a_handin_is_and_nobody_can_tell_is_in_no_row(desk: Desk) -> None:
    done = desk.batch({"alphaada_1001_50001_double.py": RIGHT, "team_7_1004_50022_double.py": RIGHT})
    assert done.returncode == 1
    assert "can be of user 7 or 1004" in done.stdout
    assert list(desk.marks()) == ["1001"]


def test_participants_of_another_assignment_are_refused(desk: Desk) -> None:
    desk.batch({"Ada Alpha_4101_assignsubmission_file/double.py": RIGHT})
    assert desk.batch({"Alpha, Ada_4101_assignsubmission_file/double.py": RIGHT}).returncode == 0
    done = desk.batch({"Bo Beta_4101_assignsubmission_file/double.py": RIGHT})
    assert done.returncode == 2
    assert "4101 is Alpha, Ada in class.sqlite and Bo Beta in this download" in done.stderr


def test_a_pattern_tells_files_apart(desk: Desk) -> None:
    done = desk.batch(
        {"x+ada+double.py": RIGHT, "x+bo+double.py": UNCHANGED}, "--names", r"x\+(?P<student>\w+)\+(?P<file>.*)"
    )
    assert done.returncode == 0
    assert {key: row[1] for key, row in desk.marks().items()} == {"ada": "10", "bo": "0"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--names", "("], "--names is not a regular expression"),
        (["--names", "(?P<student>.)", "--from", "canvas"], "leave out --from canvas"),
        (["--from", "gradescope"], "contains no submission_metadata.yml"),
        (["--from", "moodle"], "contains nothing that is named as Moodle names hand-ins"),
        (["--roster", "none.csv"], "none.csv cannot be read"),
    ],
    ids=["pattern", "pattern and platform", "Gradescope", "Moodle", "roster"],
)
def test_a_bad_option_of_batch_is_one_sentence(desk: Desk, options: list[str], said: str) -> None:
    done = desk.batch({"ada.py": RIGHT}, *options)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert not (desk.course / "class.sqlite").exists()


def test_the_page_counts_those_who_have_a_mark(desk: Desk) -> None:
    desk.batch(CANVAS, roster=ROSTER)
    page = class_page(
        read_class(find_course(desk.course), desk.course / "class.sqlite", Undecided(Counted.HOLD, Counted.HOLD))
    )
    assert "Mean 5 of 10 points; 1 of the 2 that were graded have all of them." in page
    assert "Without a total yet, and not in the distribution: 2 students." in page
