"""Finds a student's answer to an exercise in the text that lies beside the code.

An answer is everything that is written in a file of the exercise's name: `NAME.md`, `NAME.txt`, the docstring at the
top of `NAME.py`, the text cells of `NAME.ipynb`. In other files it is what stands under a heading, or a line in bold,
that names the exercise, up to the next heading of the same or a higher level, or to the next cell of code. What the
course itself has written is not an answer: the lesson's page, an answer cell that nobody has filled in, a docstring of
one line. Names are compared by their letters and digits, so `My exercise` names `my_exercise`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grader.submission.copies import is_kept_aside, original, same_code, without_copy_mark
from grader.submission.entries import stem_of
from grader.submission.limits import MAX_ANSWER_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

PLACEHOLDER = "*Write your answer here, in place of this line.*"  # in the answer cells of lesson notebooks
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_BOLD = re.compile(r"[ \t]*(\*\*|__)(?![*_\s])(.{1,300}?)\1[ \t]*[:.]?[ \t]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_ITEM = re.compile(r"^[*-][ \t]+", re.MULTILINE)
_LONGEST_TITLE = 300  # characters that are looked at
_BOLD_LEVEL = 7  # below every heading
_TARGET = re.compile(r"\]\([^()\n]*\)")  # of a link


class Text(NamedTuple):
    """A text of a submission that may hold an answer: a file, a docstring, a notebook's text cell.

    `label` says where in its file it stands ("" for the whole file), `goes_on` that it follows the text before it with
    no code between them. `sentence` says why it, or the rest of it, could not be read; without a path, it is about
    every answer.
    """

    path: str
    text: str
    label: str = ""
    goes_on: bool = False
    sentence: str = ""


def the_one(found: Sequence[Text]) -> Text | None:
    """Return the text that counts of several that are meant for the same, None if there is none.

    What lies in a folder called `old` gives way. Of two that differ, there is a sentence alone.
    """
    by_place = sorted(found, key=lambda text: (not text.path, text.path.count("/"), text.path))
    current = [each for each in by_place if not is_kept_aside(each.path)] or by_place
    for other in current[1:]:
        if other.path and not same_code(current[0].text, other.text):
            return Text(current[0].path, "", sentence=f"{current[0].path} and {other.path} differ: keep one.")
    return current[0] if current else None


class Passage(NamedTuple):
    """A piece of a submission's text: where it stands, and what it says as it was written."""

    place: str
    text: str


class _Title(NamedTuple):
    """A heading or a line in bold: the number of its line, how many lines it takes, its level and its words."""

    line: int
    lines: int
    level: int
    words: str


class Writing:
    """Texts without code between them, with their titles: what is looked through for every exercise."""

    def __init__(self, texts: Sequence[Text]) -> None:
        """Take the texts, of which there must be at least one; all are of the same file."""
        self._texts = texts
        self.path = texts[0].path
        self.lines: list[str] = []
        self._owners: list[int] = []  # which text each line is of
        for number, text in enumerate(texts):
            lines = [*([""] if number else []), *text.text.split("\n")]
            self.lines += lines
            self._owners += [number] * len(lines)
        self._titles = list(_titles(self.lines))

    def whole(self) -> Passage:
        """Return all of it."""
        return self._passage(0, len(self.lines), whole=True)

    def named(self, name: str, others: Collection[str]) -> Iterator[Passage]:
        """Yield what stands under each title that names an exercise; `others` are the names of other exercises.

        A line in bold does not end what stands under another one, unless it names one of the others.
        """
        opened: _Title | None = None
        for title in self._titles:
            is_meant = _names(name, title.words)
            if opened is not None:
                ends = title.level < opened.level or (
                    title.level == opened.level
                    and (title.level < _BOLD_LEVEL or is_meant or any(_names(other, title.words) for other in others))
                )
                if not ends:
                    continue
                yield self._passage(opened.line + opened.lines, title.line)
                opened = None
            if is_meant:
                opened = title
        if opened is not None:
            yield self._passage(opened.line + opened.lines, len(self.lines))

    def _passage(self, first: int, end: int, *, whole: bool = False) -> Passage:
        text = "\n".join(line for line in self.lines[first:end] if line.strip() != PLACEHOLDER).strip()
        begin = self._owners[first if whole else first - 1]
        last = max((self._owners[n] for n in range(first, end) if self.lines[n].strip()), default=begin)
        label = self._texts[begin].label
        if not label and not whole:
            label = f"line {first}"
        elif last > begin:
            label = f"{label.replace('cell', 'cells', 1)} to {self._texts[last].label.removeprefix('cell ')}"
        return Passage(f"{self.path}, {label}" if label else self.path, text)


def writings(texts: Iterable[Text]) -> list[Writing]:
    """Return texts that can be read, those together that have no code between them."""
    runs: list[list[Text]] = []
    for text in texts:
        if text.goes_on and runs and runs[-1][0].path == text.path:
            runs[-1].append(text)
        elif text.text:
            runs.append([text])
    return [Writing(run) for run in runs]


def passages_on(name: str, found: Iterable[Writing], others: Collection[str], statement: str) -> list[Passage]:
    """Return the answers to an exercise, each once; `statement` is what the course says itself."""
    known = _paragraphs(statement)
    candidates = [
        (writing, passage)
        for writing in found
        for passage in ([writing.whole()] if is_called(name, writing.path) else writing.named(name, others))
        if not _paragraphs(passage.text) <= known
    ]
    current = [each for each in candidates if not is_kept_aside(each[0].path)] or candidates
    answers: dict[str, Passage] = {}
    room = MAX_ANSWER_CHARACTERS
    for _, passage in current:
        if passage.text not in answers and room > 0:
            answers[passage.text] = passage._replace(text=passage.text[:room])
            room -= len(passage.text)
    return list(answers.values())


def is_called(name: str, path: str) -> bool:
    """Tell whether a file has the name of an exercise, copies of it included."""
    file_name = path.rpartition("/")[2]
    stem = stem_of(file_name)
    if stem == file_name:  # a document that is not read
        stem = file_name.rpartition(".")[0]
    return _words(name) in {_words(each) for each in (stem, without_copy_mark(stem), original(stem))}


def _names(name: str, words: str) -> bool:
    return f" {_words(name)} " in f" {words} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text.replace("\\", "").casefold()))


def _titles(lines: Sequence[str]) -> Iterator[_Title]:
    fence = ""
    for number, line in enumerate(lines):
        if fenced := _FENCE.match(line):
            fence = "" if fence == fenced[1] else fence or fenced[1]
        if fence or not line.strip():
            continue
        begin = line[:_LONGEST_TITLE]
        if heading := _HEADING.match(begin):
            yield _Title(number, 1, len(heading[1]), _words(heading[2]))
        elif bold := _BOLD.match(line[: 2 * _LONGEST_TITLE]):
            yield _Title(number, 1, _BOLD_LEVEL, _words(bold[2]))
        elif number + 1 < len(lines) and (under := _UNDERLINE.match(lines[number + 1])) and _begins(lines, number):
            yield _Title(number, 2, 1 if under[1][0] == "=" else 2, _words(begin))


def _begins(lines: Sequence[str], number: int) -> bool:
    """Tell whether a line is the first of its paragraph: the last line of a longer one is not taken for a title."""
    return number == 0 or not lines[number - 1].strip()


def _paragraphs(text: str) -> set[str]:
    """Return the paragraphs and items of a text without its headings and where its links lead, on one line each.

    A lesson's notebook has the page's own sentences, with links to its cells instead of files.
    """
    text = "\n".join("" if _HEADING.match(line[:_LONGEST_TITLE]) else line for line in text.split("\n"))
    blocks = (item for block in re.split(r"\n[ \t]*\n", text) for item in _ITEM.split(block))
    return {" ".join(_TARGET.sub("]", block).split()) for block in blocks} - {""}
