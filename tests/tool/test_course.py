"""Finding a course, its lessons, exercises and checks."""

from pathlib import Path

import pytest

from grader.course.finding import find_course
from grader.errors import UsageError
from helpers.course_factory import make_course, write_files

pytestmark = pytest.mark.light

STUB = "exercises/numbers/double.py"
PUBLIC = "exercises/numbers/checks/test_double.py"
HIDDEN = "reference/numbers/double/test_hidden.py"
CHECK = 'def test_one(submission):\n    """One."""\n    submission.double(1)\n'


def names(root: Path, *chosen: str) -> list[str]:
    return [exercise.key for exercise in find_course(root).select(chosen)]


def test_a_course_is_found_from_any_folder_and_file_in_it(tmp_path: Path) -> None:
    root = make_course(tmp_path / "course")
    for start in (root, root / "exercises", root / STUB, root / "reference" / "numbers", root / "nowhere"):
        assert find_course(start).root == root


def test_outside_a_course_the_remedy_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No course was found: change to a folder with `exercises/`"):
        find_course(tmp_path)


def test_a_course_is_called_like_the_first_heading_of_its_page(tmp_path: Path) -> None:
    page = "Draft\n## Not this\n# Doubling, step by step \n# Nor this\n"
    assert find_course(make_course(tmp_path, changes={"exercises/README.md": page})).name == "Doubling, step by step"


def test_a_course_without_a_heading_is_called_like_its_folder(tmp_path: Path) -> None:
    root = make_course(tmp_path / "spring", changes={"exercises/README.md": None})
    assert find_course(root).name == "spring"


def test_lessons_and_exercises_come_sorted(tmp_path: Path) -> None:
    assert names(make_course(tmp_path, ["b/two", "b/one", "a/three"])) == ["a/three", "b/one", "b/two"]


def test_a_lesson_knows_its_folder_and_rubric(tmp_path: Path) -> None:
    [lesson] = find_course(make_course(tmp_path)).lessons
    assert (lesson.folder, lesson.rubric) == (tmp_path / "exercises/numbers", tmp_path / "rubrics/numbers.toml")


def test_what_is_no_exercise_is_passed_over(tmp_path: Path) -> None:
    others = ["numbers/_helpers.py", "numbers/conftest.py", "numbers/test_mine.py", "numbers/data/x.py"]
    others += [".hidden/x.py", "_drafts/x.py", "pictures/x.png", "setup.py", "numbers/notes.txt"]
    root = make_course(tmp_path, changes={f"exercises/{path}": "" for path in others})
    assert [lesson.name for lesson in find_course(root).lessons] == ["numbers"]
    assert names(root) == ["numbers/double"]


def test_a_folder_of_checks_is_a_lesson_even_without_stubs(tmp_path: Path) -> None:
    root = make_course(tmp_path, changes={"exercises/letters/checks/test_upper.py": CHECK})
    assert [(lesson.name, len(lesson.exercises)) for lesson in find_course(root).lessons] == [
        ("letters", 0),
        ("numbers", 1),
    ]


def test_an_exercise_knows_its_files(tmp_path: Path) -> None:
    changes = {f"reference/numbers/double/wrong/{name}.py": "" for name in ("b", "a", "_shared")}
    [exercise] = find_course(make_course(tmp_path, changes=changes)).select([])
    answers = tmp_path / "reference" / "numbers" / "double"
    assert exercise.stub == tmp_path / STUB
    assert exercise.public_checks == tmp_path / PUBLIC
    assert exercise.reference == answers
    assert exercise.solution == answers / "solution.py"
    assert exercise.hidden_checks == answers / "test_hidden.py"
    assert exercise.wrong == tuple(answers / "wrong" / f"{name}.py" for name in ("a", "b", "unchanged"))
    assert exercise.accepted == (answers / "accepted" / "sum.py",)


def test_a_students_copy_has_no_answers(tmp_path: Path) -> None:
    [exercise] = find_course(make_course(tmp_path, reference=False)).select([])
    assert (exercise.reference, exercise.solution, exercise.hidden_checks) == (None, None, None)
    assert (exercise.wrong, exercise.accepted) == ((), ())
    assert [check.visibility for check in exercise.checks] == ["public"]


def test_public_checks_come_before_hidden_ones_in_the_order_of_the_file(tmp_path: Path) -> None:
    public = CHECK.replace("test_one", "test_z") + CHECK.replace("test_one", "test_a")
    [exercise] = find_course(make_course(tmp_path, changes={PUBLIC: public})).select([])
    found = [(check.name, check.visibility, check.path, check.line) for check in exercise.checks]
    assert found == [
        ("test_z", "public", tmp_path / PUBLIC, 1),
        ("test_a", "public", tmp_path / PUBLIC, 4),
        ("test_double_of_minus_three", "hidden", tmp_path / HIDDEN, 4),
    ]


def test_a_checks_title_is_the_first_paragraph_of_its_docstring(tmp_path: Path) -> None:
    check = 'def test_one(submission):\n    """\n    Twice two\n    is four.\n\n    More.\n    """\n'
    [exercise] = find_course(make_course(tmp_path, changes={PUBLIC: check})).select([])
    assert exercise.checks[0].title == "Twice two is four."


def test_helpers_in_a_check_file_are_no_checks(tmp_path: Path) -> None:
    helper = "def twice(number): ...\nclass Tester:\n    def test_inner(self): ...\n"
    [exercise] = find_course(make_course(tmp_path, changes={PUBLIC: helper + CHECK, HIDDEN: None})).select([])
    assert [check.name for check in exercise.checks] == ["test_one"]


def test_a_function_is_described_by_its_signature(tmp_path: Path) -> None:
    stub = "def double(number: int, /, *rest, scale: float = 1.0, **more) -> torch.Tensor:\n    raise ValueError\n"
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    [function] = exercise.functions
    assert function.parameters == ("number", "rest", "scale", "more")
    assert function.returns == "torch.Tensor"
    assert function.signature == "def double(number: int, /, *rest, scale: float=1.0, **more) -> torch.Tensor"


def test_a_function_without_an_annotation_promises_nothing(tmp_path: Path) -> None:
    [exercise] = find_course(make_course(tmp_path, changes={STUB: "def double(number): ...\n"})).select([])
    assert exercise.functions[0].returns == ""


def test_private_and_nested_functions_are_not_part_of_an_exercise(tmp_path: Path) -> None:
    stub = "def _helper(): ...\ndef double(number):\n    def inner(): ...\n"
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    assert [function.name for function in exercise.functions] == ["double"]


@pytest.mark.parametrize(
    ("stub", "title"),
    [
        ('"""Doubling.\n\nMore."""\ndef double(number):\n    """Other."""\n', "Doubling."),
        ('def double(number):\n    """\n    Return twice.\n\n    More.\n    """\n', "Return twice."),
        ("def double(number): ...\n", "double"),
    ],
)
def test_an_exercises_title_is_the_first_line_that_its_stub_says(tmp_path: Path, stub: str, title: str) -> None:
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    assert exercise.title == title


@pytest.mark.parametrize(
    "stub", ["def double(\n", b"\xff\xfe", b"a\0b", "-" * 90_000 + "1", "a" + ".b" * 90_000, "double = 1", ""]
)
def test_a_stub_that_a_student_broke_still_stands_for_its_exercise(tmp_path: Path, stub: str | bytes) -> None:
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    assert [function.name for function in exercise.functions] == ["double"]


def test_a_stub_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    root = make_course(tmp_path)
    (root / STUB).unlink()
    (root / STUB).symlink_to(root / "reference/numbers/double/solution.py")
    [exercise] = find_course(root).select([])
    assert exercise.title == "double"
    assert [function.parameters for function in exercise.functions] == [()]


def test_a_function_that_a_student_renamed_is_still_asked_for(tmp_path: Path) -> None:
    [exercise] = find_course(make_course(tmp_path, changes={STUB: "def doubled(number): ...\n"})).select([])
    assert [function.name for function in exercise.functions] == ["double"]


def test_a_helper_in_a_stub_is_not_asked_for(tmp_path: Path) -> None:
    stub = "def halved(number): ...\ndef double(number): return halved(4 * number)\n"
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    assert [function.name for function in exercise.functions] == ["double"]


def test_a_helper_file_beside_the_stubs_is_no_exercise(tmp_path: Path) -> None:
    changes = {"exercises/numbers/tools.py": "def halved(number): ...\n"}
    assert [exercise.name for exercise in find_course(make_course(tmp_path, changes=changes)).exercises] == ["double"]


@pytest.mark.parametrize(
    ("stub", "untouched"),
    [
        ('def double(number):\n    """Doc."""\n    raise NotImplementedError\n', True),
        ('def double(number):\n    raise NotImplementedError("later")\n', True),
        ("def double(number):\n    return 2 * number\n", False),
        ("def double(number):\n    number += 1\n    raise NotImplementedError\n", False),
        ("def double(number:\n", False),
        ("", False),
    ],
)
def test_a_stub_is_untouched_while_it_only_raises(tmp_path: Path, stub: str, untouched: bool) -> None:
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    assert exercise.untouched is untouched


def test_functions_called_for_their_effects_are_asked_for(tmp_path: Path) -> None:
    check = 'def test_one(submission):\n    """One."""\n    submission.double.called_with(1).result\n'
    changes = {STUB: "", PUBLIC: check, HIDDEN: None}
    [exercise] = find_course(make_course(tmp_path, changes=changes)).select([])
    assert [function.name for function in exercise.functions] == ["double"]


def test_a_doubtful_escape_in_a_stub_is_no_error(tmp_path: Path) -> None:
    stub = 'def double(number: int) -> int:\n    return "\\d"\n'
    [exercise] = find_course(make_course(tmp_path, changes={STUB: stub})).select([])
    assert exercise.functions[0].parameters == ("number",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({PUBLIC: None}, f"{STUB}: the exercise has no public checks: write them in {PUBLIC}"),
        ({PUBLIC: "x = 1\n\n\ndef test_one(): ...\n"}, f"{PUBLIC}:4: the check `test_one` has no docstring"),
        ({PUBLIC: "def test_one():\n    '''  '''\n"}, f"{PUBLIC}:1: the check `test_one` has no docstring"),
        ({HIDDEN: "def test_one(): ...\n"}, f"{HIDDEN}:1: the check `test_one` has no docstring"),
        ({PUBLIC: "import os\n"}, f"{PUBLIC}: the file contains no check"),
        (
            {PUBLIC: "x = 1\ndef test_one(:\n"},
            f"{PUBLIC} is not valid Python (line 2: invalid syntax): fix the syntax.",
        ),
        ({PUBLIC: "a" + ".b" * 90_000}, f"{PUBLIC} cannot be read as Python"),
        ({PUBLIC: CHECK + CHECK}, f"{PUBLIC}:4: the check `test_one` is also defined in {PUBLIC}:1: rename one."),
        ({PUBLIC: CHECK, HIDDEN: CHECK}, f"{HIDDEN}:1: the check `test_one` is also defined in {PUBLIC}:1"),
        ({STUB: "", PUBLIC: 'def test_one():\n    """One."""\n', HIDDEN: None}, f"{STUB}: the stub has no public"),
    ],
)
def test_a_mistake_in_the_course_is_told_with_its_place(
    tmp_path: Path, changes: dict[str, str | bytes | None], message: str
) -> None:
    root = make_course(tmp_path, changes=changes)
    with pytest.raises(UsageError) as caught:
        find_course(root)
    assert str(caught.value).startswith(message)


def test_nothing_of_a_course_is_run_to_find_it(tmp_path: Path) -> None:
    bomb = "raise SystemExit('this was run')\n"
    root = make_course(tmp_path, changes={STUB: bomb + "def double(number): ...\n", PUBLIC: bomb + CHECK})
    assert names(root) == ["numbers/double"]


@pytest.fixture
def two_lessons(tmp_path: Path) -> Path:
    return make_course(tmp_path, ["a/one", "a/two", "b/two", "b/b"])


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([], ["a/one", "a/two", "b/b", "b/two"]),
        (["one"], ["a/one"]),
        (["b/two", "a"], ["a/one", "a/two", "b/two"]),
        (["one", "a/one"], ["a/one"]),
        (["b"], ["b/b", "b/two"]),
        (["b/b"], ["b/b"]),
    ],
)
def test_exercises_are_selected_by_name_in_the_order_of_the_course(
    two_lessons: Path, chosen: list[str], expected: list[str]
) -> None:
    assert names(two_lessons, *chosen) == expected


def test_a_name_in_two_lessons_is_not_guessed(two_lessons: Path) -> None:
    with pytest.raises(UsageError, match="Several lessons have an exercise `two`: write `a/two` or `b/two`"):
        names(two_lessons, "two")


@pytest.mark.parametrize(
    ("wrong", "right"), [("doubel", "double"), ("number", "numbers"), ("numbers/doubel", "numbers/double")]
)
def test_an_unknown_name_is_answered_with_the_closest(tmp_path: Path, wrong: str, right: str) -> None:
    root = make_course(tmp_path)
    with pytest.raises(UsageError, match=f"is called `{wrong}`: did you mean `{right}`"):
        names(root, wrong)


def test_a_name_that_is_like_nothing_is_answered_with_the_lessons(two_lessons: Path) -> None:
    with pytest.raises(UsageError, match="the lessons are a, b"):
        names(two_lessons, "xylophone")


def test_a_course_without_exercises_has_nothing_to_select(tmp_path: Path) -> None:
    course = find_course(write_files(tmp_path, {"exercises/README.md": "# New\n"}))
    with pytest.raises(UsageError, match="No exercise was found"):
        course.select([])
