"""The form of one hand-in: what somebody typed, what of it is a decision, and what is wrong with it.

Every field carries the value that it had when the page was drawn. Only fields that differ from it are decided, so that
saving never repeats what somebody else has changed meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.formats.csv import number as shown
from grader.classroom.marking.code import lines
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.classroom.deciding import Decisions
    from grader.classroom.marks import Mark
    from grader.classroom.records import Choice, Comment, HandMark, StudentRecord

WAS = "was-"  # how the names of the fields begin that carry what a field held when the page was drawn
WHY = "-why"  # how the names of the fields end that carry the reason of a decision
OVERRIDE, ATTEMPT = "override", "attempt"
COMMENT, SNIPPET, FILE, LINE, REMOVE = "comment", "snippet", "file", "line", "remove"
SEEN, TOGETHER = "seen", "together"
_MOST_DIGITS = 10


class Field(NamedTuple):
    """A decision as a pair of fields, its value and its reason, both as text; `error` says what is wrong with them."""

    name: str
    value: str
    why: str
    was: str
    was_why: str
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether somebody typed something else than what there was."""
        return (self.value, self.why) != (self.was, self.was_why)


class Form(NamedTuple):
    """All fields of a page; `removed` are the numbers of comments to take away.

    `seen` is the version that the student's marks had. `together` are the numbers of the others whom the same is
    decided for, and `seen_of` the versions of all who could be.
    """

    fields: Mapping[str, Field]
    seen: str
    together: Sequence[str] = ()
    seen_of: Mapping[str, str] = {}
    comment: str = ""
    file: str = ""
    line: str = ""
    comment_error: str = ""
    removed: Sequence[int] = ()

    def with_errors(self, errors: Mapping[str, str]) -> Form:
        """Return the form with sentences beside its fields."""
        fields = {name: field._replace(error=errors.get(name, "")) for name, field in self.fields.items()}
        return self._replace(fields=fields, comment_error=errors.get(COMMENT, ""))

    def for_others(self) -> Form:
        """Return what of the form may be decided for others with the same hand-in: the numbers of attempts are own."""
        return self._replace(fields={name: field for name, field in self.fields.items() if name != ATTEMPT})

    def over(self, current: Form, overtaken: Sequence[str]) -> Form:
        """Return the form on top of another state: what was typed stays, what was not becomes current.

        Nothing is decided for those others any more whom somebody has overtaken, by number, unless it is asked for.
        """
        fields = {
            name: now._replace(value=typed.value, why=typed.why)
            if (typed := self.fields.get(name)) is not None and typed.changed
            else now
            for name, now in current.fields.items()
        }
        together = [number for number in self.together if number in current.seen_of and number not in overtaken]
        return self._replace(fields=fields, seen=current.seen, together=together, seen_of=current.seen_of)


class Decided(NamedTuple):
    """What of a form is to be stored, and the sentences beside fields that are wrong."""

    marks: Sequence[HandMark | Choice]
    comments: Sequence[Comment]
    errors: Mapping[str, str]


def criterion_field(index: int) -> str:
    """Return the name of the field of a criterion, by its place among those that are marked by hand."""
    return f"points-{index}"


def form_of(record: StudentRecord, mark: Mark, seen: str) -> Form:
    """Return the form of a mark as the gradebook has it."""
    fields = {}
    for index, title in enumerate(manual_titles(mark)):
        given = next((each for each in mark.criteria if each.title == title and each.by), None)
        fields[criterion_field(index)] = _field(
            criterion_field(index), shown(given.points) if given else "", given.why if given else ""
        )
    override = mark.override
    fields[OVERRIDE] = _field(OVERRIDE, f"{override.points:.10g}" if override else "", override.why if override else "")
    latest = next((each for each in reversed(record.choices) if each.exercise == mark.exercise), None)
    choice = latest if latest is not None and latest.attempt is not None else None
    fields[ATTEMPT] = _field(ATTEMPT, str(choice.attempt) if choice else "", choice.why if choice else "")
    return Form(fields, seen)


def manual_titles(mark: Mark) -> list[str]:
    """Return the criteria of a mark that people give points for."""
    return [each.title for each in mark.stored.result.criteria if each.manual] if mark.stored is not None else []


def read_form(sent: Mapping[str, Sequence[str]], current: Form) -> Form:
    """Return what a browser sent, for the fields that there are."""

    def text(name: str, otherwise: str = "") -> str:
        return sent.get(name, [otherwise])[0].replace("\r\n", "\n").strip()

    fields = {
        name: Field(
            name,
            text(name, field.value),
            text(name + WHY, field.why),
            text(WAS + name, field.was),
            text(WAS + name + WHY, field.was_why),
        )
        for name, field in current.fields.items()
    }
    comment = "\n".join(filter(None, (text(SNIPPET), text(COMMENT))))
    removed = [number for each in sent.get(REMOVE, []) if (number := whole(each)) is not None]
    together = [number for number in current.seen_of if number in sent.get(TOGETHER, [])]
    seen_of = {number: text(f"{SEEN}-{number}", seen) for number, seen in current.seen_of.items()}
    return Form(fields, text(SEEN), together, seen_of, comment, text(FILE), text(LINE), removed=removed)


class Reader:
    """Makes decisions of a form about one exercise of one student."""

    def __init__(self, decisions: Decisions, student: str, mark: Mark, texts: Mapping[str, str]) -> None:
        """Take the mark that counts, and the texts that it was given for by path."""
        self._decisions = decisions
        self._student = student
        self._exercise = "/".join(mark.exercise)
        self._titles = manual_titles(mark)
        self._texts = texts

    def decided(self, form: Form) -> Decided:
        """Return what the form decides, and what is wrong with it."""
        errors: dict[str, str] = {}
        marks: list[HandMark | Choice] = []
        comments: list[Comment] = []
        for name, field in form.fields.items():
            try:
                if field.changed:
                    marks.append(self._decision(field))
            except UsageError as error:
                errors[name] = str(error)
        try:
            if form.comment:
                comments.append(self._comment(form))
        except UsageError as error:
            errors[COMMENT] = str(error)
        return Decided(marks, comments, errors)

    def _decision(self, field: Field) -> HandMark | Choice:
        why = field.why
        if not field.value and field.was and why == field.was_why:
            raise UsageError("Points or a choice that are taken back need a new reason: say why.")
        if field.name == ATTEMPT:
            return self._decisions.chosen(self._exercise, whole(field.value) if field.value else None, why)
        points = _points(field.value)
        if points is None and not field.was:
            raise UsageError("There is a reason and no points: give both.")
        if field.name == OVERRIDE:
            return self._decisions.overridden(self._student, self._exercise, points, why)
        title = next(title for index, title in enumerate(self._titles) if criterion_field(index) == field.name)
        return self._decisions.given(self._student, self._exercise, title, points, why)

    def _comment(self, form: Form) -> Comment:
        paths = list(self._texts)
        if not form.line:
            return self._decisions.commented(self._student, self._exercise, form.comment)
        index, line = whole(form.file or "0"), whole(form.line)
        if index is None or index >= len(paths):
            raise UsageError("There is no such file: choose one.")
        last = len(lines(paths[index], self._texts[paths[index]]))
        if line is None or not 1 <= line <= last:
            raise UsageError(f"`{form.line}` is not a line of that file: give a number from 1 to {last}.")
        return self._decisions.commented(self._student, self._exercise, form.comment, paths[index], line)


def _field(name: str, value: str, why: str) -> Field:
    return Field(name, value, why, value, why)


def whole(typed: str) -> int | None:
    """Return a whole number that somebody may have typed, None for anything else."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < _MOST_DIGITS else None


def _points(typed: str) -> float | None:
    if not typed:
        return None
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        raise UsageError(f"`{typed}` is not a number of points.") from None
