"""Groups of a class: who answers alike is together, whatever the code looks like, and nothing of a student is shown."""

from __future__ import annotations

import ast
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from rich.console import Console

from grader.classroom.clusters.class_run import clusters_of
from grader.classroom.clusters.formats.html import page
from grader.classroom.clusters.formats.json import to_json
from grader.classroom.clusters.formats.terminal import drawn
from grader.classroom.clusters.model import ClassClusters, Closest, Cluster
from grader.classroom.clusters.simplifying import Known, NotSimple, known_from, shorter, simplified
from grader.grading import Conditions
from grader.results import Diagnosis
from helpers.small_class import Class, result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.sandbox.outside.server import Isolation
    from helpers.command import Command

SCHEMA = Path(__file__).parents[2] / "grader" / "schemas" / "clusters-1.schema.json"
KNOWN = known_from(["def double(number, *, dim): return number.abs(dim=dim)"])
TRIPLES = """
# Ada, in the night
def adas_factor(ada):
    '''Mine.'''
    print("ada was here")
    return 3
def double(n):
    return n * adas_factor(n)
"""
TRIPLES_TOO = "def double(bos_number):\n    return bos_number + bos_number + bos_number\n"
SQUARES = "def double(number): return number ** 2 + 1\n"
CRASHES = "def double(number): return nunber\n"
CRASHES_TOO = "def double(x): return [y for y in z]\n"


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Class]:
    school = Class(tmp_path)
    yield school
    school.book.close()


@pytest.fixture
def small(school: Class, command: Command, isolation: Isolation, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr("grader.grading.ForkServer", command.lent)
    return School(school, Conditions(isolation))


class School:
    """A class whose failing students hand in code, and its groups."""

    def __init__(self, school: Class, conditions: Conditions) -> None:
        self.school, self.conditions = school, conditions

    def hand_in(self, student: str, text: str, *, known: bool = False, path: str = "work.py") -> None:
        found = result(0.0)
        if known:
            [check] = found.checks
            check = type(check)(**{**_fields(check), "diagnosis": (Diagnosis("unchanged", "As it is.", ""),)})
            found = type(found)(**{**_fields(found), "checks": (check,)})
        self.school.put(student, found, {path: text})

    def groups(self, *, everyone: bool = False) -> ClassClusters:
        place = self.school.root.parent / "class.sqlite"
        return clusters_of(self.school.course, place, ["double"], self.conditions, everyone=everyone)

    def students(self, *, everyone: bool = False) -> list[list[str]]:
        return [list(cluster.students) for cluster in self.groups(everyone=everyone).clusters]


def _fields(struct: object) -> dict[str, object]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}  # type: ignore[attr-defined]


# --- who is together ------------------------------------------------------------------------------------------------


def test_who_answers_alike_is_together_whatever_the_code_looks_like(small: School) -> None:
    for student, text in {"ada": TRIPLES, "bo": TRIPLES_TOO, "cy": SQUARES}.items():
        small.hand_in(student, text)
    assert small.students() == [["ada", "bo"], ["cy"]]


def test_crashes_of_one_kind_are_together(small: School) -> None:
    for student, text in {"ada": CRASHES, "bo": CRASHES_TOO, "cy": "def double(n): return n[0]\n"}.items():
        small.hand_in(student, text)
    groups = small.groups().clusters
    assert {(tuple(each.students), each.raises) for each in groups} == {
        (("ada", "bo"), "NameError"),
        (("cy",), "TypeError"),
    }


def test_what_has_a_name_is_left_out_unless_everyone_is_asked_for(small: School) -> None:
    small.hand_in("ada", "def double(number): return number\n", known=True)
    small.hand_in("bo", TRIPLES)
    assert small.students() == [["bo"]]
    assert sorted(small.students(everyone=True)) == [["ada"], ["bo"]]
    [known] = [each for each in small.groups(everyone=True).clusters if each.students == ["ada"]]
    assert known.closest == Closest("unchanged", "The number is returned as it is.", 1.0)
    assert known.is_known


def test_a_known_mistake_is_like_the_group_as_far_as_it_answers_like_it(small: School) -> None:
    small.hand_in("ada", "def double(number): return number if number > 0 else 7\n")
    [group] = small.groups().clusters
    assert group.closest is not None
    assert (group.closest.variant, group.closest.share, group.is_known) == ("unchanged", 0.5, False)


def test_an_edit_of_the_solution_that_does_the_same_is_found(small: School) -> None:
    small.hand_in("ada", TRIPLES_TOO)
    [group] = small.groups().clusters
    assert group.edit == "return 2 * number -> return 3 * number"
    assert "return 3 * number" in group.edited


def test_groups_keep_their_names_when_others_come(small: School) -> None:
    small.hand_in("bo", TRIPLES_TOO)
    [before] = small.groups().clusters
    small.hand_in("ada", TRIPLES)
    small.hand_in("cy", SQUARES)
    [after] = [each for each in small.groups().clusters if "bo" in each.students]
    assert (before.students, after.students) == (["bo"], ["ada", "bo"])
    assert after.name == before.name


def test_work_that_is_stopped_harms_no_other(small: School) -> None:
    small.hand_in("ada", "import os\nos._exit(3)\ndef double(n): return n\n")
    small.hand_in("bo", TRIPLES)
    groups = small.groups().clusters
    assert sorted(list(each.students) for each in groups) == [["ada"], ["bo"]]
    [stopped] = [each for each in groups if each.students == ["ada"]]
    assert (stopped.edit, stopped.code) == ("", "")


def test_a_course_without_solutions_says_who_is_left_out(small: School) -> None:
    small.hand_in("ada", TRIPLES)
    (small.school.root / "reference/numbers/double/solution.py").unlink()
    small.school.course = type(small.school.course)(
        small.school.course.root, small.school.course.name, _read_again(small.school)
    )
    found = small.groups()
    assert found.clusters == []
    assert "1 failing student is not grouped, because the course has no solution" in found.left_out[0]


def _read_again(school: Class) -> tuple:  # type: ignore[type-arg]
    from grader.course.finding import find_course

    return find_course(school.root).lessons


# --- what is shown --------------------------------------------------------------------------------------------------


def test_the_code_shown_has_nothing_of_a_student(small: School) -> None:
    small.hand_in("ada", TRIPLES)
    [group] = small.groups().clusters
    assert group.code == "def helper(value):\n    return 3\n\ndef double(number):\n    return number * helper(number)"


def test_what_the_answers_do_not_need_is_left_out(small: School) -> None:
    small.hand_in(
        "ada",
        "import math\nLIMIT = 3\ndef double(n):\n    unused = math.pi\n    if n != LIMIT:\n        print(n)\n"
        "    total = n * 3\n    return total\n",
    )
    [group] = small.groups().clusters
    assert group.code == "def double(number):\n    value = number * 3\n    return value"


@pytest.mark.parametrize(
    "text",
    [
        "import torch as t, numpy as ada\ndef double(a, *, b=1): return t.abs(a)",
        "from math import sqrt as ada_root\ndef double(a): return ada_root(a)",
        "def double(ada):\n    def ada_inner(ada_x=2): return ada_x\n    return ada_inner(ada_x=ada)",
        "def double(a):\n    try:\n        return 1\n    except ValueError as ada:\n        raise ada",
        "def double(a):\n    match a:\n        case ada:\n            return ada",
        "def double(a):\n    match a:\n        case [1, *ada]:\n            return ada",
        "async def ada_later(ada): return ada\ndef double(a): return ada_later(a)",
        "def double(a):\n    f'{a} ada'; b'ada'; 'ada'\n    return 'ada'",
        "ada: int = 3\ndef double(a):\n    global ada\n    ada = 2\n    return [ada_i for ada_i in range(a)]",
        "def double(a): return (lambda ada: ada)(a)",
        "def double(a): return adas_typo",
        "def double(a):\n    if (ada := a) > 0:\n        return ada",
    ],
)
def test_every_name_and_text_of_a_student_goes(text: str) -> None:
    text = text.replace("double(a, *, b=1)", "double(a)")
    shown = ast.unparse(simplified(text, {"double": ("number",)}, KNOWN))
    assert "ada" not in shown
    compile(shown, "shown", "exec")


def test_simplified_code_still_does_the_same() -> None:
    text = "from math import sqrt as wurzel\ndef hilf(x, n=2): return wurzel(x) * n\ndef double(zahl): return hilf(n=3, x=zahl)"
    names: dict[str, object] = {}
    exec(ast.unparse(simplified(text, {"double": ("number",)}, KNOWN)), names)
    assert names["double"](16) == 12.0  # type: ignore[operator]


@pytest.mark.parametrize(
    "text",
    [
        "class Ada: pass\ndef double(a): return Ada",
        "import adas_module\ndef double(a): return adas_module.x",
        "def double(a): return locals()",
        "def double(a): return a.adas_attribute",
        "from math import adas_typo\ndef double(a): return adas_typo(a)",
        "import torch.adas_module\ndef double(a): return torch.adas_module",
        "def double(a): return dict(adas_key=a)",
        "def double(a, b): return a",
        "def double(*ada): return ada",
        "def double(a): return " + "(" * 150 + "a" + ")" * 150 + "-" * 3000 + "1",
    ],
)
def test_code_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(NotSimple):
        simplified(text, {"double": ("number",)}, Known())


def test_shorter_code_lacks_one_statement() -> None:
    tree = ast.parse("def f(a):\n    if a:\n        b = 1\n        c = 2\n    return a")
    texts = [ast.unparse(each) for each in shorter(tree)]
    assert "def f(a):\n    return a" in texts
    assert "def f(a):\n    b = 1\n    c = 2\n    return a" in texts
    assert "def f(a):\n    if a:\n        b = 1\n    return a" in texts
    assert ast.unparse(tree) not in texts


# --- how it is written ----------------------------------------------------------------------------------------------

HOSTILE = "<script>alert(1)</script>"
FOUND = ClassClusters(
    "Doubling",
    [
        Cluster(
            "double-1a2b3c", ("numbers", "double"), ["ada", HOSTILE], "Twice two is four.", True, HOSTILE, "def double(number): ...",
            "a -> b", "def double(number): return 1", "", Closest("unchanged", "The number is returned as it is.", 0.25),
        ),
        Cluster("double-000000", ("numbers", "double"), ["cy"], "Twice.", False, "", "", "", "", "NameError", None),
    ],
    ["twofold: 1 failing student is not grouped, because the course has no solution for it."],
)  # fmt: skip


def text_of(found: ClassClusters) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100).print(drawn(found))
    return stream.getvalue()


def test_json_is_as_its_schema_says() -> None:
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    for found in (FOUND, ClassClusters("Doubling", [], [])):
        schema.validate(json.loads(to_json(found)))


def test_a_page_shows_what_students_wrote_as_text() -> None:
    assert "<script>" not in page(FOUND)
    assert page(FOUND).count("&lt;script&gt;") == 2
    assert "25 % of the wrong answers" in page(FOUND)


def test_a_terminal_shows_how_to_give_a_group_a_name() -> None:
    said = text_of(FOUND)
    assert "3 students fail with mistakes that this course has no name for, in 2 different ways." in said
    assert "grade mistakes adopt double-1a2b3c numbers/double NAME" in said
    assert "grade mistakes adopt double-000000" not in said
    assert "twofold: 1 failing student is not grouped" in said


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(0, "Nobody fails with a mistake"), (1, "1 student fails with a mistake"), (2, "2 students fail with mistakes")],
)
def test_the_first_sentence_counts(count: int, sentence: str) -> None:
    clusters = [FOUND.clusters[1]._replace(students=list("abc")[:count])] if count else []
    assert ClassClusters("Doubling", clusters, []).sentence.startswith(sentence)


# --- a name for it --------------------------------------------------------------------------------------------------


def adopt(small: School, command: Command, *arguments: str) -> tuple[int, str]:
    done = command.run(
        "mistakes", "adopt", *arguments, "--gradebook", "../class.sqlite", "--isolation", small.conditions.isolation.value,
        cwd=small.school.root,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_an_adopted_mistake_is_a_variant_with_blanks(small: School, command: Command) -> None:
    small.hand_in("ada", TRIPLES)
    [group] = small.groups().clusters
    status, said = adopt(small, command, group.name, "numbers/double", "three_times")
    written = small.school.root / "reference/numbers/double/wrong/three_times.py"
    assert (status, written.read_text()) == (
        0,
        '"""BLANK: the misconception, in one sentence.\n\nBLANK: why it is wrong and how to see it, kindly, to the '
        'student.\n"""\n\nCAUGHT_BY = "test_double_of_two"\n\n\n'
        "def double(number: int) -> int:\n    return 3 * number\n",
    )
    assert "three_times.py:1: " in said
    assert "grade verify double" in said


def test_a_mistake_without_an_edit_is_the_shortest_code(small: School, command: Command) -> None:
    small.hand_in("ada", TRIPLES.replace("n * ", "5 + n * "))
    [group] = small.groups().clusters
    assert group.edit == ""
    adopt(small, command, group.name, "double", "five_more")
    text = (small.school.root / "reference/numbers/double/wrong/five_more.py").read_text()
    assert text.endswith(
        "def helper(value):\n    return 3\n\n\ndef double(number):\n    return 5 + number * helper(number)\n"
    )
    assert "ada" not in text.lower()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("double-000000", "double", "new"), "has no group `double-000000`"),
        (("double-111111", "double", "Not valid"), "`Not valid` is not a valid name"),
        (("double-111111", "double", "unchanged"), "unchanged.py exists already"),
        (("double-111111", "numbers", "new"), "`numbers` is not one exercise"),
        (("double-111111", "triple", "new"), "triple"),
    ],
)
def test_what_cannot_be_adopted_is_a_sentence(
    small: School, command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    small.hand_in("ada", TRIPLES)
    status, said = adopt(small, command, *arguments)
    assert (status, sentence in said) == (2, True), said
    assert not (small.school.root / "reference/numbers/double/wrong/new.py").exists()


def test_a_group_without_code_cannot_be_adopted(small: School, command: Command) -> None:
    small.hand_in("ada", "class Ada:\n    three = 3\ndef double(n): return 5 + n * Ada.three\n")
    [group] = small.groups().clusters
    status, said = adopt(small, command, group.name, "double", "new")
    assert status == 2
    assert "no code of its students can be shown" in said


def test_the_command_groups_a_class(small: School, command: Command) -> None:
    small.hand_in("ada", TRIPLES)
    small.hand_in("bo", TRIPLES_TOO)
    done = command.run(
        "clusters", "--gradebook", "../class.sqlite", "--format", "json", "--isolation", small.conditions.isolation.value,
        cwd=small.school.root,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [each["students"] for each in json.loads(done.stdout)["clusters"]] == [["ada", "bo"]]
