"""Exports from Gradescope: whose each folder is by their metadata, and metadata that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from grader.classroom.handins import read_handed_in
from grader.errors import UsageError
from grader.submission.model import Problem
from helpers.doubling import GOOD
from helpers.downloads import both_forms, find, people
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light

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
