"""Reading submissions: what is found, what is told, and what never happens."""

import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.finding import find_course
from grader.course.model import Exercise, Function
from grader.errors import UsageError
from grader.submission import folder as folder_module
from grader.submission import limits
from grader.submission.model import Problem, Source, Submission
from grader.submission.reading import read_submission, read_texts, stubs_in_place
from helpers.course_factory import make_course, write_files
from helpers.doubling import DOUBLE, GOOD, HALVE, OTHER, exercise_of, problem
from helpers.notebooks import notebook

pytestmark = pytest.mark.light

Files = dict[str, str | bytes | None]


def read(folder: Path, files: Files) -> Submission:
    return read_submission(write_files(folder / "alice", files))


def source(folder: Path, files: Files, exercise: Exercise = DOUBLE) -> Source:
    found = read(folder, files).source_of(exercise)
    assert isinstance(found, Source), found
    return found


# What is found


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    submission = read_submission(write_files(tmp_path, {"mine.py": GOOD}) / "mine.py")
    assert submission.name == "mine.py"
    assert submission.source_of(DOUBLE) == Source({"mine.py": GOOD}, {"double": "mine.py"})


def test_a_folder_is_read_in_any_nesting(tmp_path: Path) -> None:
    files: Files = {"a/b/c/mine.py": GOOD, "other.py": OTHER, "notes.txt": "def double(): ...", "mine.pyc": b"\0"}
    found = source(tmp_path, files)
    assert found == Source({"a/b/c/mine.py": GOOD, "other.py": OTHER}, {"double": "a/b/c/mine.py"})


def test_a_submission_is_called_like_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_files(tmp_path / "alice", {"mine.py": GOOD, "deep/er.py": OTHER}))
    assert read_submission(Path()).name == "alice"
    assert read_submission(Path("deep/..")).name == "alice"


@pytest.mark.parametrize(
    "path",
    [
        ".git/x.py",
        "a/.hidden/x.py",
        "._mine.py",
        "__pycache__/x.py",
        "a/node_modules/x.py",
        "env/lib/x.py",
    ],
)
def test_what_is_nobodys_own_source_is_passed_over(tmp_path: Path, path: str) -> None:
    files: Files = {"mine.py": GOOD, path: GOOD, "env/pyvenv.cfg": ""}
    assert list(source(tmp_path, files).files) == ["mine.py"]


def test_the_folder_itself_may_be_hidden_or_an_environment(tmp_path: Path) -> None:
    folder = write_files(tmp_path / ".alice", {"mine.py": GOOD, "pyvenv.cfg": ""})
    assert isinstance(read_submission(folder).source_of(DOUBLE), Source)


@pytest.mark.parametrize(
    "text",
    [
        "def double(number): ...",
        "async def double(number): ...",
        "class double: ...",
        "double = lambda number: 2 * number",
        "double: object = abs",
        "a, (b, *double) = 1, (2, 3)",
        "a = double = abs",
        "if True:\n    double = abs",
        "if False:\n    pass\nelif True:\n    def double(number): ...",
        "try:\n    import x\nexcept ImportError:\n    def double(number): ...",
        "try:\n    pass\nfinally:\n    double = abs",
        "try:\n    pass\nexcept* OSError:\n    double = abs",
        "with open('x') as f:\n    double = abs",
        "from math import double",
        "from math import sqrt as double",
        "def double(number): ...\ndef double(number): ...",
    ],
)
def test_a_function_may_be_bound_in_any_way(tmp_path: Path, text: str) -> None:
    assert source(tmp_path, {"mine.py": text}).modules == {"double": "mine.py"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def other():\n    def double(number): ...",
        "class A:\n    double = abs",
        "double: object",
        "a.double = abs",
        "double.a = abs",
        "double(2)",
        "import double",
        "if __name__ == '__main__':\n    double = abs",
        "# def double(number): ...",
    ],
)
def test_what_does_not_bind_a_function_at_the_top_level_does_not_count(tmp_path: Path, text: str) -> None:
    assert problem(read(tmp_path, {"mine.py": text})).startswith("`double` was not found in alice (read: mine.py)")


def test_an_import_counts_only_where_nothing_else_binds_the_name(tmp_path: Path) -> None:
    files: Files = {"a.py": "from b import double", "b.py": GOOD}
    assert source(tmp_path, files).modules == {"double": "b.py"}


def test_the_functions_of_an_exercise_may_be_in_different_files(tmp_path: Path) -> None:
    found = source(tmp_path, {"a.py": GOOD, "b.py": OTHER}, exercise_of("double", "halve"))
    assert found.modules == {"double": "a.py", "halve": "b.py"}


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode(), GOOD.replace("\n", "\r").encode()]
)
def test_marks_and_line_ends_of_other_systems_are_accepted(tmp_path: Path, content: bytes) -> None:
    assert source(tmp_path, {"mine.py": content}).files == {"mine.py": GOOD}


@pytest.mark.parametrize("cookie", ["utf-8", "UTF8", "utf_8", "utf-8-unix", "U8"])
def test_utf8_may_be_declared(tmp_path: Path, cookie: str) -> None:
    assert source(tmp_path, {"mine.py": f"#!/usr/bin/python\n# -*- coding: {cookie} -*-\n{GOOD}"})


def test_a_declaration_below_code_is_a_comment(tmp_path: Path) -> None:
    assert source(tmp_path, {"mine.py": f"import math\n# coding: latin-1\n{GOOD}"})


def test_the_first_declaration_is_the_one_that_counts(tmp_path: Path) -> None:
    assert source(tmp_path, {"mine.py": f"# coding: utf-8\n# coding: latin-1\n{GOOD}"})


def test_a_doubtful_escape_is_no_error(tmp_path: Path) -> None:
    assert source(tmp_path, {"mine.py": 'x = "\\d"\n' + GOOD})


def test_nothing_of_a_submission_is_run(tmp_path: Path) -> None:
    assert source(tmp_path, {"mine.py": "raise SystemExit('this was run')\n" + GOOD})


# Several files, and texts


def test_a_text_is_read_like_a_file() -> None:
    submission = read_texts("alice", [("double.py", GOOD.encode()), ("b.ipynb", notebook(OTHER).encode())])
    assert isinstance(submission.source_of(DOUBLE), Source)
    assert isinstance(submission.source_of(HALVE), Source)
    assert problem(read_texts("alice", [])).startswith("alice contains no .py file")


# What is told


def test_a_function_in_two_files_is_not_guessed(tmp_path: Path) -> None:
    submission = read(tmp_path, {"a.py": GOOD, "numbers/b.py": GOOD + OTHER})
    assert problem(submission) == "`double` is defined in a.py and in numbers/b.py: keep one."


def test_a_function_in_three_files_names_them_all(tmp_path: Path) -> None:
    submission = read(tmp_path, {"a.py": GOOD, "b.py": GOOD + OTHER, "c.py": GOOD + "x = 1\n"})
    assert problem(submission) == "`double` is defined in a.py, in b.py and in c.py: keep one."


def test_a_missing_function_is_told_with_what_was_read_and_its_signature(tmp_path: Path) -> None:
    submission = read(tmp_path, {"a.py": OTHER, "b.py": "x = 1"})
    sentence = "`double` was not found in alice (read: a.py, b.py): define `def double(number)`."
    assert problem(submission) == sentence


def test_a_missing_function_in_a_single_file_names_it_once(tmp_path: Path) -> None:
    submission = read_submission(write_files(tmp_path, {"a.py": ""}) / "a.py")
    assert problem(submission) == "`double` was not found in a.py: define `def double(number)`."


def test_many_files_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    submission = read(tmp_path, {f"{index:02}.py": "" for index in range(30)})
    assert "06.py, 07.py and 22 more)" in problem(submission)


def test_a_function_whose_signature_is_unknown_is_asked_for_by_name(tmp_path: Path) -> None:
    unknown = Exercise(
        "numbers", "f", Path("f.py"), Path("f.py"), None, title="F", functions=(Function("f", (), "", ""),), checks=()
    )
    assert problem(read(tmp_path, {"a.py": ""}), unknown).endswith("define `def f(...)`.")


@pytest.mark.parametrize("name", ["doubles", "Double", "do_uble", "duoble"])
def test_a_function_of_a_similar_name_is_pointed_out(tmp_path: Path, name: str) -> None:
    submission = read(tmp_path, {"a.py": f"def {name}(number): ...\n"})
    assert problem(submission).endswith(f"; did you mean to rename `{name}`?")


def test_another_exercise_of_a_similar_name_is_no_misspelling(tmp_path: Path) -> None:
    course = find_course(make_course(tmp_path / "course", ["numbers/ddim_step", "numbers/ddpm_step"]))
    submission = read(tmp_path, {"a.py": "def ddpm_step(number): ...\n"})
    assert "rename" not in problem(submission, course.select(["ddim_step"])[0])


@pytest.mark.parametrize("files", [{}, {"notes.txt": "hello"}, {".hidden/a.py": GOOD}])
def test_a_folder_without_source_is_told_for_every_exercise(tmp_path: Path, files: Files) -> None:
    submission = read(tmp_path, files)
    assert problem(submission).startswith("alice contains no .py file")
    assert problem(submission, HALVE) == problem(submission)


def test_a_syntax_error_is_shown_with_its_line_and_column(tmp_path: Path) -> None:
    text = 'def double(number):\n\tname = "größer"; return = number\n'
    assert problem(read(tmp_path, {"a.py": text})) == (
        "a.py has a syntax error on line 2 (invalid syntax): correct it.\n"
        '     name = "größer"; return = number\n'
        "                             ^"
    )


def test_only_a_part_of_a_long_line_is_shown(tmp_path: Path) -> None:
    text = f"def double(number): return {'+'.join('1' * 400)} number {'x' * 400}\n"
    _, shown, caret = problem(read(tmp_path, {"a.py": text})).split("\n")
    assert len(shown) < 110
    assert shown[caret.index("^") :].startswith(("1 number", "number"))


@pytest.mark.parametrize(
    "text", ["def double(", "def double(number):", "  def double(number): ...\n x", "def double(:\n"]
)
def test_a_syntax_error_at_the_edge_of_a_file_is_shown(tmp_path: Path, text: str) -> None:
    sentence, _, caret = problem(read(tmp_path, {"a.py": text})).split("\n")
    assert sentence.startswith("a.py has a syntax error on line ")
    assert caret.strip() == "^"


def test_a_syntax_error_concerns_the_exercises_that_the_file_defines(tmp_path: Path) -> None:
    submission = read(tmp_path, {"a.py": GOOD + "x = = 1\n", "b.py": OTHER})
    assert problem(submission).startswith("a.py has a syntax error on line 3")
    assert submission.source_of(HALVE) == Source({"b.py": OTHER}, {"halve": "b.py"})


def test_a_syntax_error_concerns_the_exercise_that_the_file_is_called_like(tmp_path: Path) -> None:
    submission = read(tmp_path, {"deep/double.py": "x = = 1\n", "b.py": OTHER})
    assert problem(submission).startswith("deep/double.py has a syntax error")


def test_a_broken_definition_beside_a_good_one_is_not_passed_over(tmp_path: Path) -> None:
    submission = read(tmp_path, {"a.py": GOOD, "b.py": GOOD + "x = = 1\n"})
    assert problem(submission).startswith("b.py has a syntax error")


def test_a_missing_function_is_told_with_the_files_that_could_not_be_read(tmp_path: Path) -> None:
    submission = read(tmp_path, {"a.py": OTHER, "b.py": "x = = 1\n"})
    first, second, *_ = problem(submission).split("\n")
    assert first == "`double` was not found in alice (read: a.py): define `def double(number)`."
    assert second == "Not read: b.py has a syntax error on line 1 (invalid syntax): correct it."


def test_nothing_is_listed_as_read_where_nothing_was(tmp_path: Path) -> None:
    first, *_ = problem(read(tmp_path, {"b.py": "x = = 1\n"})).split("\n")
    assert first == "`double` was not found in alice: define `def double(number)`."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"# caf\xe9\n" + GOOD.encode(), "a.py is not UTF-8 (byte 5 is 0xe9): save it as UTF-8."),
        (b"\xef\xbb\xbf# \xff\n" + GOOD.encode(), "a.py is not UTF-8 (byte 5 is 0xff): save it as UTF-8."),
        (GOOD.encode() + b"\0", "a.py contains a null byte (byte 42): save it as UTF-8 text."),
        (
            b"# -*- coding: latin-1 -*-\n" + GOOD.encode(),
            "a.py declares the encoding latin-1: remove that line and save it as UTF-8.",
        ),
        (
            b"\xef\xbb\xbf# a\n# vim: set fileencoding=cp1252 :\n" + GOOD.encode(),
            "a.py declares the encoding cp1252: remove that line and save it as UTF-8.",
        ),
    ],
)
def test_a_text_that_is_not_utf8_is_told_with_the_remedy(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert problem(read(tmp_path, {"a.py": content})) == sentence


def test_a_text_in_utf16_is_told_for_the_exercise_that_it_is_called_like(tmp_path: Path) -> None:
    assert "is not UTF-8 (byte 0 is 0xff)" in problem(read(tmp_path, {"double.py": GOOD.encode("utf-16")}))


@pytest.mark.parametrize(
    "hostile",
    [
        "x = " + "-" * 90_000 + "1",
        "x = a" + ".b" * 90_000,
        "x = " + "(" * 90_000,
        "x = " + "1" * 90_000,
        "if 1:\n    pass\n" + "elif 1:\n    pass\n" * 20_000,
        "x = f'" + "{" * 9_000,
    ],
)
def test_hostile_source_is_a_problem_of_its_own_exercise_only(tmp_path: Path, hostile: str) -> None:
    submission = read(tmp_path, {"a.py": GOOD + hostile, "b.py": OTHER})
    assert problem(submission).startswith("a.py ")
    assert isinstance(submission.source_of(HALVE), Source)


# What never happens


def test_a_linked_file_is_never_opened(tmp_path: Path) -> None:
    write_files(tmp_path, {"answers.py": GOOD})
    folder = write_files(tmp_path / "alice", {"b.py": OTHER})
    (folder / "double.py").symlink_to(tmp_path / "answers.py")
    submission = read_submission(folder)
    sentence = "double.py is a symbolic link, which is not followed: hand in the file itself."
    assert problem(submission) == sentence
    assert submission.source_of(HALVE) == Source({"b.py": OTHER}, {"halve": "b.py"})


def test_a_linked_folder_is_never_entered(tmp_path: Path) -> None:
    write_files(tmp_path / "answers", {"double.py": GOOD})
    folder = write_files(tmp_path / "alice", {"b.py": OTHER})
    (folder / "deep").symlink_to(tmp_path / "answers")
    assert problem(read_submission(folder)).startswith("`double` was not found in alice (read: b.py)")


def test_a_linked_stub_is_never_opened(tmp_path: Path) -> None:
    root = make_course(tmp_path / "course")
    stub = root / "exercises/numbers/double.py"
    stub.rename(tmp_path / "elsewhere.py")
    stub.symlink_to(tmp_path / "elsewhere.py")
    course = find_course(root)
    assert "is a symbolic link" in problem(stubs_in_place(course), course.exercises[0])


@pytest.mark.parametrize("target", ["answers", "answers/double.py", "nowhere"])
def test_a_link_given_as_the_submission_is_refused(tmp_path: Path, target: str) -> None:
    write_files(tmp_path / "answers", {"double.py": GOOD})
    link = tmp_path / "link.py"
    link.symlink_to(tmp_path / target)
    with pytest.raises(UsageError, match="is a symbolic link: give the file or the folder that it leads to"):
        read_submission(link)


def test_a_file_exchanged_for_a_link_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"answers.py": GOOD})
    folder = write_files(tmp_path / "alice", {"double.py": ""})
    looked_at = folder_module.entry

    def exchange(path: str, location: Path) -> object:
        entry = looked_at(path, location)
        location.unlink()
        location.symlink_to(tmp_path / "answers.py")
        return entry

    monkeypatch.setattr(folder_module, "entry", exchange)
    assert problem(read_submission(folder)).startswith("double.py cannot be read (")


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "alice", {"b.py": OTHER})
    os.mkfifo(folder / "double.py")
    assert problem(read_submission(folder)) == "double.py is not a regular file: hand in a Python source file."


def test_nested_folders_are_walked_without_recursion(tmp_path: Path) -> None:
    deepest = write_files(tmp_path / "alice", {"b.py": OTHER})
    for _ in range(400):
        deepest /= "a"
        deepest.mkdir()
    write_files(deepest, {"c.py": GOOD})
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        submission = read_submission(tmp_path / "alice")
    finally:
        sys.setrecursionlimit(limit)
    assert isinstance(submission.source_of(DOUBLE), Source)


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("MAX_FILE_BYTES", 30, "a.py is larger than "),
        ("MAX_TOTAL_BYTES", 70, "alice contains more than "),
        ("MAX_FILES", 1, "alice contains more than 1 .py files"),
    ],
)
def test_too_much_is_a_problem_of_every_exercise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, sentence: str
) -> None:
    files: Files = {"a.py": GOOD, "b.py": OTHER}
    assert isinstance(read(tmp_path, files).source_of(DOUBLE), Source)
    monkeypatch.setattr(limits, limit, value)
    submission = read(tmp_path, files)
    assert problem(submission).startswith(sentence)
    assert problem(submission, HALVE) == problem(submission)


@pytest.mark.parametrize(
    ("limit", "value"),
    [("MAX_FILE_BYTES", len(GOOD)), ("MAX_TOTAL_BYTES", len(GOOD + OTHER)), ("MAX_FILES", 2)],
)
def test_exactly_as_much_as_is_allowed_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(limits, limit, value)
    assert source(tmp_path, {"a.py": GOOD, "b.py": OTHER})


def closed_to_reading(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to list a folder, as permissions would do to anyone but the superuser."""
    scandir = os.scandir

    def refuse(path: Path) -> object:
        if path == folder:
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(folder_module.os, "scandir", refuse)


def test_a_folder_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_to_reading(tmp_path / "alice" / "deep", monkeypatch)
    submission = read(tmp_path, {"b.py": OTHER, "deep/a.py": GOOD})
    told = "Not read: deep is a folder and cannot be read (Permission denied): allow it to be read."
    assert told in problem(submission)
    assert isinstance(submission.source_of(HALVE), Source)


def test_a_submission_that_cannot_be_opened_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_to_reading(tmp_path / "alice", monkeypatch)
    with pytest.raises(UsageError, match=r"alice cannot be read \(Permission denied\): allow it to be read"):
        read(tmp_path, {"a.py": GOOD})


def test_a_file_of_exactly_the_largest_size_is_read(tmp_path: Path) -> None:
    largest = GOOD + "#" * (limits.MAX_FILE_BYTES - len(GOOD))
    assert source(tmp_path, {"a.py": largest})
    assert problem(read(tmp_path, {"a.py": largest + "#"})) == "a.py is larger than 1 MB: hand in source code only."


@pytest.mark.parametrize("name", ["mine.txt", "mine"])
def test_another_kind_of_file_is_refused(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, {name: GOOD})
    with pytest.raises(UsageError, match=f"{name} is a text file: give a .py file, a notebook, a zip archive or a f"):
        read_submission(tmp_path / name)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("mine.py")
        with pytest.raises(
            UsageError, match=r"mine.py is not a regular file: give a .py file, a notebook, a zip archive or"
        ):
            read_submission(Path("mine.py"))


def test_a_path_with_nothing_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no .*nowhere.py: give the path"):
        read_submission(tmp_path / "nowhere.py")


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path, {"mine.py": GOOD})
    with pytest.raises(UsageError, match=r"cannot be read \(Not a directory\)"):
        read_submission(tmp_path / "mine.py" / "x.py")


# The digest


def test_equal_content_has_an_equal_digest_wherever_it_is(tmp_path: Path) -> None:
    files: Files = {"a.py": GOOD, "b/c.py": OTHER}
    first = read_submission(write_files(tmp_path / "first", files))
    second = read_submission(write_files(tmp_path / "second", {**dict(reversed(files.items())), "notes.txt": "x"}))
    assert first.sha256 == second.sha256
    assert len(first.sha256) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"a.py": GOOD, "b.py": OTHER + "\n"},
        {"a.py": GOOD, "c.py": OTHER},
        {"a.py": GOOD},
        {"a.py": OTHER, "b.py": GOOD},
        {"a.py": GOOD + "b.py" + OTHER},
        {"a.py": GOOD, "b.py": OTHER.replace("\n", "\r\n")},
    ],
)
def test_other_content_has_another_digest(tmp_path: Path, other: Files) -> None:
    submission = read_submission(write_files(tmp_path / "first", {"a.py": GOOD, "b.py": OTHER}))
    assert read_submission(write_files(tmp_path / "second", other)).sha256 != submission.sha256


def test_a_link_changes_the_digest_as_it_changes_the_verdict(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "alice", {"a.py": GOOD})
    before = read_submission(folder)
    (folder / "double.py").symlink_to("a.py")
    assert read_submission(folder).sha256 != before.sha256


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_end_in_a_source_or_a_problem(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "double.py"
    path.write_bytes(content)
    assert isinstance(read_submission(path).source_of(DOUBLE), Source | Problem)


# Stubs in place


def test_stubs_in_place_are_a_submission_of_the_course(tmp_path: Path) -> None:
    changes: Files = {"exercises/a/_helpers.py": OTHER, "exercises/a/.draft.py": GOOD}
    course = find_course(make_course(tmp_path / "spring", ["a/one", "a/two", "b/three"], changes=changes))
    submission = stubs_in_place(course)
    found = submission.source_of(course.select(["one"])[0])
    assert submission.name == "spring"
    assert isinstance(found, Source)
    assert list(found.files) == ["a/_helpers.py", "a/one.py", "a/two.py"]
    assert found.modules == {"one": "a/one.py"}


def test_stubs_in_place_may_define_the_same_helper(tmp_path: Path) -> None:
    both = "def one(number): ...\ndef two(number): ...\n"
    changes: Files = {"exercises/a/one.py": both, "exercises/a/two.py": both}
    course = find_course(make_course(tmp_path, ["a/one", "a/two"], changes=changes))
    for exercise in course.exercises:
        found = stubs_in_place(course).source_of(exercise)
        assert isinstance(found, Source)
        assert set(found.modules.values()) == {f"a/{exercise.name}.py"}


def test_a_broken_stub_in_place_concerns_no_other_exercise(tmp_path: Path) -> None:
    changes: Files = {"exercises/a/one.py": "def one(number)\n\ndef two(number): ...\n"}
    course = find_course(make_course(tmp_path, ["a/one", "a/two"], changes=changes))
    submission = stubs_in_place(course)
    one, two = course.exercises
    assert problem(submission, one).startswith("a/one.py has a syntax error on line 1")
    assert isinstance(submission.source_of(two), Source)


def test_a_renamed_function_in_place_is_pointed_out(tmp_path: Path) -> None:
    changes: Files = {"exercises/a/one.py": "def ones(number): ...\n"}
    course = find_course(make_course(tmp_path / "spring", ["a/one"], changes=changes))
    [exercise] = course.exercises
    sentence = "`one` was not found in spring (read: a/one.py): define `def one(...)`; did you mean to rename `ones`?"
    assert problem(stubs_in_place(course), exercise) == sentence
