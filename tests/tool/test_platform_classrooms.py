"""Classrooms on GitHub: whose each folder is by the login in its name, and who of the roster is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from helpers.doubling import GOOD
from helpers.downloads import both_forms, find, people

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light

SCORES = (
    "username,first_name,last_name,email,section,score,max_score,datetime,late\n"
    "ada-1,Ada,Alpha,ada@example.org,1,10,10,2026-11-20T20:00:00Z,false\n"
    "ada-1,Ada,Alpha,ada@example.org,1,3,10,2026-11-19T20:00:00Z,false\n"
    "bo,Bo,Beta,bo@example.org,1,0,10,2026-11-21T08:00:00Z,true\n"
    "cem,,,,,,,,\n"
)
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
