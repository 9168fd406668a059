"""Downloads from Moodle, in every layout that it has had: whose each file is, typed texts, and teams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.classroom.handins import find_class, read_handed_in
from grader.classroom.platforms.download import opened
from helpers.course_factory import write_files
from helpers.doubling import GOOD
from helpers.downloads import PAGE, both_forms, find, is_right, people
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light


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
