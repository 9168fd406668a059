"""What a submission is: files, the names they bind, and the source that an exercise gets of them."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.course import blanks
from grader.course.names import misspelt
from grader.course.statement import lessons_with_its_name, other_exercises, statement_of
from grader.results import Answer
from grader.submission.answers import Text, is_called, passages_on, the_one, writings
from grader.submission.homes import homes_of, own_files, without_course_files
from grader.submission.module_paths import module_paths, notebook_module_path
from grader.submission.question_answers import counting
from grader.submission.slices import ANYTHING, DEFINITION, Place, Slices, Taken

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from grader.course.model import Exercise, Function
    from grader.course.questions.given import GivenAnswers
    from grader.submission.answers import Writing
    from grader.submission.question_answers import AnswerText
    from grader.submission.slices import MayFail, Statement

NOT_WRITTEN = "is not written yet."  # ends the sentence on a function that is as its stub has it
_LISTED_FILES = 8  # how many files a sentence names before it only counts them
_TOP = "docstring at the top"


@dataclass(frozen=True)
class Fault:
    """Why a text could not be read, in a sentence, and the names that it was to define."""

    sentence: str
    names: frozenset[str] = frozenset()
    unread: bool = False  # it is the file that could not be read, and nothing is known of the code in it


class Bindings(NamedTuple):
    """The names that a module binds at its top level; the `unwritten` ones are stubs that nobody has worked on.

    `blanks` are the lines of those that are left in functions and classes, by name (see `grader.course.blanks`).
    """

    defined: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()
    unwritten: frozenset[str] = frozenset()
    blanks: Mapping[str, tuple[int, ...]] = {}


@dataclass(frozen=True, eq=False)
class File:
    """One .py file; with a fault, nothing of it is used.

    `statements` are those that can be taken out of it; `left_out` says why a name is missing that they do not bind, and
    under the name "" why any may be. `uses` are what it imports by the last part of the module's name, and under "" all
    names that it mentions. `docstring` is the one at its top, if it has more than one line. `given` are the answers to
    questions on its lines.
    """

    path: str
    text: str
    bindings: Bindings = field(default_factory=Bindings)
    faults: tuple[Fault, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    statements: Sequence[Statement] = field(default=(), repr=False)
    uses: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    docstring: str = field(default="", repr=False)
    given: tuple[AnswerText, ...] = field(default=(), repr=False)

    @property
    def readable(self) -> bool:
        """Whether anything could be made out of it."""
        return not self.faults

    @property
    def importable(self) -> bool:
        """Whether other files may import it."""
        return not self.faults

    def spoiled(self, names: Collection[str]) -> Fault | None:
        """Return the fault that concerns these names, None if there is none."""
        stem = self.path.rpartition("/")[2].rpartition(".")[0]
        return next((fault for fault in self.faults if stem in names or not fault.names.isdisjoint(names)), None)

    def taken(self, names: Collection[str]) -> Taken:  # noqa: ARG002 - a module is imported whole
        """Return what a worker imports to have these names."""
        return Taken(self.text, left_out={"": self.left_out[""]} if "" in self.left_out else {})

    def definitions(self, names: Collection[str]) -> Taken:
        """Return the definitions of these names and what they need, and nothing else of the file."""
        return self._slices.taken(names, self.left_out)

    def unfilled(self, function: str) -> str:
        """Return a sentence on the blanks that are left in a function and in the helpers it needs, "" for none."""
        if not self.bindings.blanks:
            return ""
        needed = self._slices.needed([function])
        places = [
            (self._place_of(name), line)
            for name, lines in self.bindings.blanks.items()
            if name in needed
            for line in lines
        ]
        return blanks.left(places) if places else ""

    def _place_of(self, name: str) -> str:
        """Return what messages call the file, or the cell, that defines a name."""
        places = [each.place.file for each in self.statements if each.kind == DEFINITION and name in each.binds]
        return places[-1] if places else self.path

    @functools.cached_property
    def _slices(self) -> Slices:
        return Slices(self.statements)

    def asked_of(self, other: File) -> frozenset[str]:
        """Return the names of another file that this one uses, as far as one can see."""
        module = other.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
        names = self.uses.get(module, frozenset())
        if ANYTHING in names:  # the module itself, or everything in it
            names |= self.uses[""] & other.bindings.defined
        return names


@dataclass(frozen=True)
class Source:
    """What an exercise may import: each readable file by path, and the file that defines each function.

    `places` says of files that were taken out of a notebook where each of their lines comes from, and `optional` which
    of these may fail; `left_out`, why names are missing in such a file. `definitions` are what may be imported instead
    of a file of which other code fails. `unfilled` says of functions with blanks which are left: they are not called.
    """

    files: Mapping[str, str]
    modules: Mapping[str, str]
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    optional: Mapping[str, Sequence[MayFail]] = field(default_factory=dict, compare=False)
    definitions: Mapping[str, Taken] = field(default_factory=dict, compare=False)
    unfilled: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why an exercise cannot be graded: what was found, where, and the remedy, as every check of it then says.

    The first line is a sentence; the offending line of the source may follow. Whoever marks others' work holds back the
    mark of what is `undecided`: the work may be there, and nobody has seen it, or it is not clear which one counts. A
    `formal` one is of work that seems to be there, in code that does not parse or under another name.
    """

    sentence: str
    undecided: bool = False
    formal: bool = False
    only_text: bool = (
        False  # there is no code at all, and nothing that may be code: exercises may be answered all the same
    )


@dataclass(frozen=True)
class Submission:
    """A submission as it was read; `sha256` depends on the paths and the code in its files and on nothing else."""

    name: str
    sha256: str
    _files: tuple[File, ...] = field(repr=False)
    problem: Problem | None = None
    _in_place: bool = False
    _not_read: tuple[Fault, ...] = field(default=(), repr=False)  # of archives beside other files
    _texts: tuple[Text, ...] = field(default=(), repr=False)  # beside the code
    _given: tuple[AnswerText, ...] = field(default=(), repr=False)  # in files of answers to questions
    _examples: tuple[Text, ...] = field(default=(), repr=False)  # files of examples that were written before the code

    def source_of(self, exercise: Exercise) -> Source | Problem:
        """Return the source of an exercise, or the problem that keeps it from being graded.

        Each of the exercise's functions must be defined at the top level of exactly one file, of which there may be
        copies; a file that is named like the exercise wins (see `grader.submission.homes`). Of stubs in place that file
        is the exercise's own: two of them may have a helper of the same name. Answers to questions need no source: they
        have a problem if there are none, or if they are there twice.
        """
        if exercise.is_questions:
            return self._source_of_answers(exercise)
        if self.problem:
            return self.problem
        found = self._files
        if self._in_place:
            found = tuple(file for file in found if file.path.startswith(f"{exercise.lesson}/"))
            searched = tuple(file for file in found if file.path == f"{exercise.key}.py")
        else:
            searched = without_course_files(exercise, found)
        names = {exercise.name, *(function.name for function in exercise.functions)}
        own = own_files(exercise, searched)
        written = {name for file in own for name in file.bindings.defined - file.bindings.unwritten}
        complete = written.issuperset(function.name for function in exercise.functions)
        for file in own if complete else searched:
            if fault := file.spoiled(names):
                return Problem(fault.sentence, undecided=fault.unread, formal=not fault.unread)
        homes: dict[str, File] = {}
        for function in exercise.functions:
            defining = homes_of(function.name, exercise, searched)
            if len(defining) != 1:
                paths = [file.path for file in defining]
                return _ambiguous(function.name, paths) if paths else self._missing(function, exercise, searched)
            homes[function.name] = defining[0]
        return _source(found, homes)

    def is_written(self, exercise: Exercise) -> bool:
        """Tell whether any file defines a function of the exercise, other than as a stub that nobody has filled in.

        Of questions, tell whether one is answered.
        """
        if exercise.is_questions:
            return bool(self._answered(exercise))
        names = {function.name for function in exercise.functions}
        files = without_course_files(exercise, self._files)
        return any(not names.isdisjoint(file.bindings.defined - file.bindings.unwritten) for file in files)

    def answers_to(self, exercise: Exercise) -> tuple[Answer, ...]:
        """Return what is written in answer to an exercise, in text (see `grader.submission.answers`).

        Of questions, these are the answers to each.
        """
        if exercise.is_questions:
            said = self.answers_to_questions(exercise)
            given = [(name, said.given[name]) for name in self._answered(exercise)]
            return tuple(Answer(each.place, f"{name}: {each.text}") for name, each in given)
        found = [each for each in self._writings if self._concerns(each.path, exercise)]
        statement = statement_of(exercise, in_place=self._in_place)
        passages = passages_on(exercise.name, found, other_exercises(exercise), statement)
        return tuple(Answer(*passage) for passage in passages)

    def answers_to_questions(self, exercise: Exercise) -> GivenAnswers:
        """Return what is said in answer to the questions of a lesson (see `grader.submission.question_answers`)."""
        in_files = [answer for answer in self._given if self._concerns(answer.path, exercise)]
        in_code = [] if self._in_place else [answer for file in self._files for answer in file.given]
        return counting(in_files, in_code, {check.name for check in exercise.checks})

    def _answered(self, exercise: Exercise) -> list[str]:
        given = self.answers_to_questions(exercise).given
        return [check.name for check in exercise.checks if check.name in given]

    def _source_of_answers(self, exercise: Exercise) -> Source | Problem:
        """Return an empty source if a question is answered, and why there is nothing to judge otherwise."""
        found = self.answers_to_questions(exercise)
        if obstacles := [*found.unread, *found.twice.values()]:
            return Problem(obstacles[0], undecided=True)
        if self._answered(exercise):
            return Source({}, {})
        return Problem(f"No question of {exercise.lesson} is answered.")

    def unread_answers_to(self, exercise: Exercise) -> tuple[str, ...]:
        """Return sentences on texts that are meant as an answer to an exercise, and of which not all could be read."""
        return tuple(
            text.sentence
            for text in self._texts
            if text.sentence and (not text.path or self._is_meant_for(exercise, text.path))
        )[:_LISTED_FILES]

    def examples_for(self, exercise: Exercise) -> Text | None:
        """Return the file of examples for an exercise (see `grader.student_examples`), None if there is none.

        It has a sentence if it could not be read, or if there are two that differ.
        """
        return the_one([each for each in self._examples if not each.path or self._is_meant_for(exercise, each.path)])

    @property
    def answers_sha256(self) -> str:
        """A hash of all text that may hold answers or examples, "" if there is none; what is code is in `sha256`."""
        given = [*self._given, *(answer for file in self._files for answer in file.given)]
        digest = hashlib.sha256()
        for text in (*self._texts, *self._examples):
            for part in (text.path, text.text, text.sentence):
                encoded = part.encode("utf-8", "surrogatepass")
                digest.update(len(encoded).to_bytes(8, "big") + encoded)
        for answer in given:
            encoded = repr(tuple(answer)).encode("utf-8", "backslashreplace")
            digest.update(len(encoded).to_bytes(8, "big") + encoded)
        return digest.hexdigest() if self._texts or self._examples or given else ""

    def _concerns(self, path: str, exercise: Exercise) -> bool:
        """Tell whether a text may be about an exercise, and not about one of the same name in another lesson."""
        if self._in_place:
            return path.startswith(f"{exercise.lesson}/")
        return not lessons_with_its_name(exercise).intersection(path.split("/")[-2:-1])

    def _is_meant_for(self, exercise: Exercise, path: str) -> bool:
        return self._concerns(path, exercise) and is_called(exercise.name, path)

    @functools.cached_property
    def _writings(self) -> list[Writing]:
        docstrings = [Text(file.path, file.docstring, _TOP) for file in self._files if file.docstring]
        return writings([*docstrings, *self._texts])

    def refused(self, sentence: str) -> Submission:
        """Return the submission with a problem that every exercise has."""
        return dataclasses.replace(self, problem=Problem(sentence))

    def _missing(self, function: Function, exercise: Exercise, found: tuple[File, ...]) -> Problem:
        if [(file.path, file.text, file.readable) for file in found] == [(self.name, "", False)]:
            (fault, *_) = found[0].faults  # nothing could be read at all
            return Problem(fault.sentence, undecided=fault.unread)
        read = [file.path for file in found if file.readable]
        listed = "" if read == [self.name] or not read else f" (read: {_listing(read)})"
        definition = f"def {function.name}({', '.join(function.parameters) or '...'})"
        sentence = f"`{function.name}` was not found in {self.name}{listed}: define `{definition}`"
        # Another exercise of the lesson may have a similar name, which is not a misspelling.
        others = {path.stem for path in exercise.stub.parent.glob("*.py")}
        defined = {name for file in found for name in file.bindings.defined}
        similar = misspelt(function.name, defined - others)
        sentence += f"; did you mean to rename `{similar}`?" if similar else "."
        hints = (file.left_out.get(name, "") for name in (function.name, "") for file in found)
        sentence += "".join(f" {hint}" for hint in itertools.islice(filter(None, hints), 1))
        faults = [*(fault for file in found for fault in file.faults), *self._not_read]
        unread = [f"Not read: {fault.sentence}" for fault in faults]
        undecided = any(fault.unread for fault in faults)
        return Problem(
            "\n".join([sentence, *unread[:_LISTED_FILES]]),
            undecided=undecided,
            formal=bool(similar) and not undecided,
        )


class _Lines(Sequence[Place]):
    """The places of a file's lines, made when they are asked for: there may be a million."""

    def __init__(self, file: str, count: int) -> None:
        self._file = file
        self._lines = range(1, count + 1)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [Place(self._file, line) for line in self._lines[index]]
        return Place(self._file, self._lines[index])

    def __len__(self) -> int:
        return len(self._lines)


def _source(found: Sequence[File], homes: Mapping[str, File]) -> Source:
    importable = {file.path: file for file in found if file.importable}
    paths = module_paths(importable)
    texts = {paths[path]: file.text for path, file in importable.items()}
    places: dict[str, Sequence[Place]] = {
        module: _Lines(path, texts[module].count("\n") + 1) for path, module in paths.items() if path != module
    }
    modules: dict[str, str] = {}
    optional: dict[str, Sequence[MayFail]] = {}
    left_out: dict[str, str] = {}
    for home in dict.fromkeys(homes.values()):
        names = [name for name, file in homes.items() if file is home]
        taken = home.taken(names)
        module = paths.get(home.path) or notebook_module_path(home.path, texts)
        texts[module] = taken.text
        left_out |= taken.left_out
        if taken.places:
            places[module] = taken.places
            optional[module] = taken.optional
        modules |= dict.fromkeys(names, module)
    definitions = _definitions(found, homes, paths)
    return Source(texts, modules, places, left_out, optional, definitions, _unfilled(homes))


def _unfilled(homes: Mapping[str, File]) -> dict[str, str]:
    """Return what is left to fill in of each function that has blanks, and whether nobody has begun with it."""
    found = {name: sentence for name, home in homes.items() if (sentence := home.unfilled(name))}
    stubs = {name for name in found if name in homes[name].bindings.unwritten}
    return {name: f"{said}\n`{name}` {NOT_WRITTEN}" if name in stubs else said for name, said in found.items()}


def _definitions(found: Sequence[File], homes: Mapping[str, File], paths: Mapping[str, str]) -> dict[str, Taken]:
    """Return of each module the definitions that the functions, or other files, ask of it."""
    asked = {file: {name for name, home in homes.items() if home is file} for file in found if file.importable}
    for file, names in asked.items():
        names.update(*(other.asked_of(file) for other in found if other is not file))
    return {paths[file.path]: file.definitions(names) for file, names in asked.items() if names}


def _ambiguous(name: str, homes: list[str]) -> Problem:
    *others, last = (
        homes if len(homes) <= _LISTED_FILES else [*homes[: _LISTED_FILES - 1], f"{len(homes)} files in all"]
    )
    return Problem(f"`{name}` is defined in {', in '.join(others)} and in {last}: keep one.", undecided=True)


def _listing(paths: list[str]) -> str:
    more = len(paths) - _LISTED_FILES
    return ", ".join(paths[:_LISTED_FILES]) + (f" and {more} more" if more > 0 else "")
