"""The file of a policy: what a wrong one is told, who gets it, and that its schema and its document are right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from grader import edition
from grader.authoring.verify_course import verify_course
from grader.classroom.penalties import penalties
from grader.classroom.policy import Student
from grader.classroom.policy_file import PolicyError, load_policy
from grader.classroom.wording import amount
from grader.course.finding import find_course
from grader.grading import Conditions
from helpers.course_factory import make_course
from helpers.policies import ADA, BOB, DUE, FILE, HEAD, course_with, read, work

if TYPE_CHECKING:
    from grader.classroom.lateness import Work

pytestmark = pytest.mark.light

PROJECT = Path(__file__).parents[2]


# --- wrong files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "line", "sentence"),
    [
        ("atempt = 'last'", 3, "key `atempt` is unknown at the top: did you mean `attempt`?"),
        (
            "attempt = 'first'",
            3,
            'key `attempt` is wrong: found "first", write "last", "best" or "best_after_penalty".',
        ),
        ("decimals = 7", 3, "key `decimals` is wrong: found 7, write a whole number of decimals, from 0 to 6."),
        (
            "\n[defaults]\ndue = 2026-12-01",
            5,
            'key `due` is wrong: found "2026-12-01", write a date and a time, such as 2026-12-01T23:59:00.',
        ),
        (
            "[defaults]\ndue = '2026-02-30T12:00:00'",
            4,
            "key `due` is wrong: 2026-02-30T12:00:00 does not exist in Europe/Berlin: write another time.",
        ),
        (
            "[defaults]\ndue = 2026-03-29T02:30:00",
            4,
            "key `due` is wrong: 2026-03-29T02:30:00 does not exist in Europe/Berlin: write another time.",
        ),
        ("[defaults]\npercent = -1", 4, "key `percent` is wrong: found -1, write a number of percent, from 0 to 100."),
        (
            "[defaults]\npercent = nan",
            4,
            'key `percent` is wrong: found "nan", write a number of percent, from 0 to 100.',
        ),
        ("[defaults]\npercent = 5\npoints = 1", 5, "key `points` stands beside key `percent`: keep one of the two."),
        (
            "[defaults]\nhard_end = 2026-12-01T00:00:00\nhard_end_hours = 3",
            5,
            "key `hard_end_hours` stands beside key `hard_end`: keep one of the two.",
        ),
        ("[lessons.nubmers]", 3, "there is no lesson `nubmers`: did you mean `numbers`?"),
        ("[lessons.xyz]", 3, "there is no lesson `xyz`: correct the name or remove it."),
        ("[lessons.numbers.exercises.duoble]", 3, "there is no exercise `duoble`: did you mean `double`?"),
        (
            "[[extensions]]\nstudents = ['ada']\nexercises = ['double']\nhours = 1",
            5,
            "there is no exercise `double`: did you mean `numbers/double`?",
        ),
        ("[[extensions]]\nhours = 1", 3, "the extension is for nobody: add `students` or `groups`."),
        (
            "[[extensions]]\nstudents = ['ada']",
            3,
            "the extension gives no time: add `hours`, or `due` with the new date.",
        ),
        (
            "[[extensions]]\nstudents = [' ada']\nhours = 1",
            4,
            'entry 1 of key `students` is wrong: found " ada", write a student as the gradebook names them, or the name of '
            "a group, without spaces around it.",
        ),
        (
            "[[extensions]]\nstudents = ['ada']\ndue = 2026-12-02T00:00:00\nhard_end = 2026-12-01T00:00:00",
            6,
            "key `hard_end` is before key `due`: put it later.",
        ),
        (
            f"[defaults]\n{DUE}\n[[extensions]]\nstudents = ['ada']\ndue = 2026-11-02T00:00:00",
            7,
            "key `due` (2026-11-02 00:00) extends nothing, since nothing that it concerns is due earlier: correct it.",
        ),
        (
            f"[defaults]\n{DUE}\n[[extensions]]\nstudents = ['ada']\nhours = 3\nhard_end = 2026-12-11T00:00:00",
            8,
            "key `hard_end` (2026-12-11 00:00) extends nothing, since nothing that it concerns ends earlier: correct it.",
        ),
        (
            f"[defaults]\n{DUE}\n[lessons.numbers]\nhard_end = 2026-12-01T12:00:00",
            6,
            "key `hard_end` ends numbers/double at 2026-12-01 12:00, before it is due (2026-12-01 23:59): put it later.",
        ),
        (
            f"[defaults]\n{DUE}\ngrace_minutes = 90\nhard_end_hours = 1",
            6,
            "key `hard_end_hours` ends letters/upper at 2026-12-02 00:59, before it is due (2026-12-01 23:59 with 90 "
            "minutes of grace): put it later.",
        ),
        (
            "[defaults]\ncaps = [{ percent = 80 }]",
            4,
            "entry 1 of key `caps` needs an end: write one of `until` and `hours_late`.",
        ),
        (
            "[defaults]\ncaps = [{ hours_late = 1, percent = 80 }, { until = 2026-12-01T12:00:00, percent = 0 }]",
            4,
            "key `caps` mixes `until` and `hours_late`: keep to one of the two.",
        ),
        (
            "[defaults]\ncaps = [{ from = 2026-12-01T12:00:00, until = 2026-12-01T12:00:00, percent = 80 }]",
            4,
            "entry 1 of key `caps` has `from` without a later `until`: write both, in this order.",
        ),
        (
            "[defaults]\ncaps = [{ hours_late = 48, percent = 80 }, { hours_late = 24, percent = 50 }]",
            4,
            "entry 2 of key `caps` ends no later than entry 1: sort them by time.",
        ),
        (
            "[[lessons.numbers.caps]]\nhours_late = 24\npercent = 80\n[[lessons.numbers.caps]]\nhours_late = 48\npercent = 80",
            3,
            "entry 2 of key `caps` allows 80 %, so that entry 1 never counts: lower it, or remove one of the two.",
        ),
        ("[defaults]\nmax_tokens = 1", 4, "key `max_tokens` needs a table [tokens]: add it, with `per_term`."),
        (
            f"[defaults]\n{DUE}\n[tokens]\nper_term = 1",
            5,
            "tokens buy nothing, since lateness costs nothing: add `percent`, `points` or `caps` to [defaults] or to a "
            'lesson, or write too_few = "zero".',
        ),
        (
            "[tokens]\nhours = 24",
            3,
            "key `per_term` is missing in [tokens]: add the whole number of tokens that everybody has, from 0 to 1000.",
        ),
        ("[tokens", 3, "the file is not valid TOML (Expected ']' at the end of a table declaration): fix the syntax."),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_line_and_remedy(
    tmp_path: Path, policy: str, line: int, sentence: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        read(tmp_path, policy)
    assert str(caught.value) == f"{FILE}:{line}: {sentence}"


@pytest.mark.parametrize("name", ["Europe/Berlni", "Europe", "../../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PolicyError) as caught:
        read(tmp_path, "", HEAD.replace("Europe/Berlin", name))
    assert str(caught.value) == (
        f'{FILE}:2: key `time_zone` is wrong: there is no time zone "{name}": write a name such as "Europe/Berlin".'
    )


def test_a_wrong_policy_is_refused_when_a_course_is_verified(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        verify_course(course_with(tmp_path, HEAD + "attempt = 'first'"), [], Conditions())


def test_names_that_nobody_knows_are_told(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        "[groups]\nnight = ['bbo']\n[[extensions]]\nstudents = ['ada', 'eve']\ngroups = ['night', 'taem_7']\nhours = 1",
    )
    assert policy.strangers([ADA, BOB]) == [
        "rubrics/policy.toml names a student `bbo` whom nobody knows: did you mean `bob`?",
        "rubrics/policy.toml names a student `eve` whom nobody knows: correct or remove the name.",
        "rubrics/policy.toml names a group `taem_7` which nobody knows: did you mean `team_7`?",
    ]


def test_no_other_students_number_is_offered_for_a_number(tmp_path: Path) -> None:
    people = [Student("5002", ("team_7",)), Student("s1003", ("team_7",))]
    policy = read(tmp_path, "[[extensions]]\nstudents = ['1002', 's1002', '1003']\ngroups = ['team_8']\nhours = 1")
    assert [said.partition(" names a ")[2] for said in policy.strangers(people)] == [
        "student `1002` whom nobody knows: correct or remove the name.",
        "student `1003` whom nobody knows: did you mean `s1003`?",
        "student `s1002` whom nobody knows: correct or remove the name.",
        "group `team_8` which nobody knows: correct or remove the name.",
    ]


def test_students_do_not_get_the_policy_which_names_other_students(tmp_path: Path) -> None:
    assert FILE not in edition.files(course_with(tmp_path, HEAD), edition.COURSE, mistakes=False)


# --- the schema and the document -----------------------------------------------------------------------------------

SCHEMA = json.loads((PROJECT / "grader/schemas/policy-1.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_value_in_the_schema_says_what_it_must_be() -> None:
    pending = [SCHEMA, *SCHEMA["$defs"].values()]
    while pending:
        value = pending.pop()
        assert "description" in value or "$ref" in value, value
        pending += [*value.get("properties", {}).values(), *([value["items"]] if "items" in value else [])]


DOCUMENT = (PROJECT / "docs/policies.md").read_text(encoding="utf-8")
SECTION = re.compile(r"\n##+ ([^\n]+)\n")  # a section's title
EXAMPLE = re.compile(r"```toml\n(.*?)```\n(.*)", re.DOTALL)  # its policy, and what follows, with a table of hand-ins
EXAMPLES = {
    title: found.groups()
    for title, section in zip(*[iter(SECTION.split(DOCUMENT)[1:])] * 2, strict=True)
    if (found := EXAMPLE.search(section)) and "| handed in |" in section
}


def rows_of(table: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")
    ]


def as_documented(root: Path, policy: str, table: str) -> list[tuple[str, str]]:
    """Return, for each row of a table of hand-ins, what is added and what the student reads."""
    heading, _, *cells = rows_of(table)
    rows = [dict(zip(heading, each, strict=True)) for each in cells]
    works: dict[Student, list[Work]] = {}
    for row in rows:
        together = tuple(row.get("student", "ada").split(" and "))
        raw, maximum = row["earned"].split(" of ")
        for key in together:
            made = work(row["handed in"], raw, maximum, row["exercise"], members=together)
            works.setdefault(Student(key), []).append(made)
    head = "" if policy.startswith("schema") else HEAD
    course = find_course(make_course(root, ["week_1/double", "week_1/twice", "week_2/upper"], {FILE: head + policy}))
    found = {student.key: iter(theirs) for student, theirs in penalties(load_policy(course), works).items()}
    said = []
    for row in rows:
        first, *_ = [next(found[key]) for key in row.get("student", "ada").split(" and ")]
        said.append((amount(first.points), first.sentence))
    return said


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_document_says_what_its_examples_do(tmp_path: Path, title: str) -> None:
    policy, table = EXAMPLES[title]
    assert as_documented(tmp_path, policy, table) == [(added, sentence) for *_, added, sentence in rows_of(table)[2:]]


def test_every_key_is_documented() -> None:
    keys = {key for table in (SCHEMA, *SCHEMA["$defs"].values()) for key in table.get("properties", {})}
    prose = re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)
    assert keys - set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", prose)))) == set()
