"""Finds answers to questions in what was handed in: files of answers, and `%answer` lines in code. Nothing is run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.course.questions.answer_file import MAX_BYTES, NAME, SCHEMA, AnswerFileError, read_answers
from grader.course.questions.given import Given, GivenAnswers
from grader.course.questions.typed import LONGEST, is_blank
from grader.submission.copies import is_kept_aside, original
from grader.submission.entries import Form, stem_of
from grader.submission.text import plain, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from grader.submission.entries import Entry

STEM = "answers"
MAX_FILES = 100  # of answers
MAX_LINES = 2000  # with answers, of a file of code
_LINE = re.compile(r"[ \t]*%answer[ \t]+(\w+)(.*)")
# What a notebook's export makes of such a line: nbconvert a call, jupytext a comment.
_EXPORTED = re.compile(
    r"[ \t]*(?:get_ipython\(\)\.run_line_magic\((['\"])answer\1, (['\"])(\w+)(.*)\2\)[ \t]*$"
    r"|# ?%answer[ \t]+(\w+)(.*))"
)
_COMMENT = re.compile(r"(?:^|\s)#.*")


class AnswerText(NamedTuple):
    """An answer to the question `name` as it was handed in; `label` says where in its file it stands.

    `sentence` says why it is none, or without a name, why its file could not be read.
    """

    path: str
    label: str
    name: str
    value: str
    sentence: str = ""

    @property
    def place(self) -> str:
        """What messages call the place where it stands."""
        return f"{self.path}, {self.label}" if self.label else self.path


# --- files of answers ----------------------------------------------------------------------------------------------


def in_files(entries: Iterable[Entry]) -> tuple[AnswerText, ...]:
    """Return the answers in all files that hold some; a TOML file of another kind is not looked at."""
    files = [entry for entry in entries if entry.form is Form.TOML][:MAX_FILES]
    return tuple(answer for entry in sorted(files, key=lambda entry: entry.shown) for answer in _in_file(entry))


def _in_file(entry: Entry) -> Iterator[AnswerText]:
    path = printable(entry.shown)
    content, obstacle = entry.content(MAX_BYTES + 1)
    is_called_answers = original(stem_of(path)).casefold() == STEM
    if not is_called_answers and SCHEMA.encode() not in content:
        return
    if obstacle:
        yield AnswerText(path, "", "", "", f"{path} {obstacle}.")
        return
    try:
        answers = read_answers(content)
    except AnswerFileError as error:
        yield AnswerText(path, "", "", "", plain(f"{path} {error}"))
        return
    for name, written in answers.items():
        if written.fault:
            yield AnswerText(path, f"line {written.line}", name, "", f"{path}: {written.fault}")
        elif not is_blank(written.text):
            yield AnswerText(path, f"line {written.line}", name, plain(written.text))


# --- lines in code -------------------------------------------------------------------------------------------------


def in_cell(path: str, label: str, source: str) -> Iterator[AnswerText]:
    """Yield the answers in a cell of code, from lines `%answer NAME VALUE`."""
    if "%answer" in source:
        for line in source.splitlines():
            if found := _LINE.match(line[: 2 * LONGEST]):
                yield from _given(path, label, found[1], found[2])


def in_script(path: str, source: str) -> Iterator[AnswerText]:
    """Yield the answers in a script that a notebook was exported to."""
    if "answer" not in source:
        return
    for number, line in enumerate(source.splitlines(), start=1):
        if found := _LINE.match(line[: 2 * LONGEST]):
            yield from _given(path, f"line {number}", found[1], found[2])
        elif exported := _EXPORTED.match(line[: 2 * LONGEST]):
            name, rest = (exported[3], exported[4]) if exported[3] else (exported[5], exported[6])
            yield from _given(path, f"line {number}", name, rest)


def value_in(rest: str) -> str:
    """Return the value after a question's name on a line of code, without a comment."""
    return _COMMENT.sub("", rest).strip()


def _given(path: str, label: str, name: str, rest: str) -> Iterator[AnswerText]:
    value = value_in(rest)
    if NAME.fullmatch(name) and not is_blank(value):
        yield AnswerText(path, label, name, plain(value)[:LONGEST])


# --- what counts ---------------------------------------------------------------------------------------------------


def counting(
    in_answer_files: Sequence[AnswerText], in_code: Sequence[AnswerText], questions: Collection[str]
) -> GivenAnswers:
    """Return what of the answers counts for some questions; of other names, all that is there is kept.

    Files of answers go before lines of code: `%answer` has written there what it was told. Of several lines in a file
    of code, the last one counts. What stands in a folder called `old` gives way, and two files must not say different
    things.
    """
    given: dict[str, Given] = {}
    twice: dict[str, str] = {}
    faults: dict[str, str] = {}
    for group in (in_code, in_answer_files):
        by_name: dict[str, dict[str, AnswerText]] = {}
        for answer in group:
            if answer.name:
                by_name.setdefault(answer.name, {})[answer.path] = answer
        for name, files in by_name.items():
            for earlier in (given, twice, faults):
                earlier.pop(name, None)
            current = [each for each in files.values() if not is_kept_aside(each.path)] or list(files.values())
            different = list({each.value: each for each in current if not each.sentence}.values())
            if len(different) == 1:
                given[name] = Given(different[0].value, different[0].place)
            elif not different:
                faults[name] = current[0].sentence
            elif name in questions:
                one, other, *_ = different
                twice[name] = f"`{name}` is answered in {one.place} and in {other.place} in different ways: keep one."
    return GivenAnswers(given, twice, faults, tuple(each.sentence for each in in_answer_files if not each.name))
