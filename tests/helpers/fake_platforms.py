"""Platforms that take back what they have exported, by the rules of the real ones, losing silently what those lose."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CENT = Decimal("0.01")


@dataclass
class Imported:
    """What an import would do: the grades that it sets and clears, and whom it skips without a word."""

    set: dict[str, Decimal] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)


def last_separator(cell: str) -> Decimal | None:
    """Read a number as Canvas does: whatever comes last is the decimal separator, so `1,000` is 1."""
    plain = cell.strip()
    at = max(plain.rfind(","), plain.rfind("."))
    if at >= 0:
        plain = re.sub(r"[.,]", "", plain[:at]) + "." + plain[at + 1 :]
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


@dataclass
class CanvasUser:
    """Somebody in a course of Canvas."""

    id: str
    name: str
    login: str
    sections: str = "Section 1"


@dataclass
class Canvas:
    """A gradebook of Canvas. Grades are numbers, "EX" or None; whoever is not in one is not assigned."""

    users: Sequence[CanvasUser]
    grades: dict[str, dict[str, Decimal | str | None]]  # by heading, then by user
    possible: Mapping[str, str]
    comma: bool = False
    semicolon: bool = False
    manual: bool = False
    bom: bool = False
    line_end: str = "\r\n"

    TOTALS = ("Current Score", "Unposted Current Score", "Final Score", "Unposted Final Score")

    def exported(self) -> bytes:
        """Return the CSV that "Export" makes."""
        titles = list(self.grades)
        rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *titles, *self.TOTALS]]
        if self.manual:
            rows.append(["", "", "", "", "", *("Manual Posting" for _ in titles), *("" for _ in self.TOTALS)])
        possible = [self._shown(self.possible[title]) for title in titles]
        rows.append(["    Points Possible", "", "", "", "", *possible, *("(read only)" for _ in self.TOTALS)])
        for user in self.users:
            name = f'="{user.name}"' if user.name.startswith("=") else user.name
            cells = [self._cell(title, user.id) for title in titles]
            rows.append([name, user.id, "", user.login, user.sections, *cells, *("12.5" for _ in self.TOTALS)])
        file = io.StringIO()
        csv.writer(file, delimiter=";" if self.semicolon else ",", lineterminator=self.line_end).writerows(rows)
        return (b"\xef\xbb\xbf" if self.bom else b"") + file.getvalue().encode()

    def _cell(self, title: str, user: str) -> str:
        if user not in self.grades[title]:
            return "N/A"
        grade = self.grades[title][user]
        return grade if isinstance(grade, str) else "" if grade is None else self._shown(f"{grade:.2f}")

    def _shown(self, number: str) -> str:
        return number.replace(".", ",") if self.comma else number

    def imported(self, content: bytes) -> Imported:
        """Import a CSV, and say what changes; `AssertionError` where the whole file is refused."""
        text = content.decode("utf-8")
        first = text.split("\n")[:3]
        fields = {mark: {len(next(csv.reader([line], delimiter=mark), [])) for line in first if line} for mark in ",;"}
        semicolon = len(fields[";"]) == 1 and max(fields[";"]) > max(fields[","])
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolon else ","))
        headings = rows[0]
        section = next((i for i, heading in enumerate(headings) if "Section" in heading), 0)
        assert "Student" in headings[0], "Invalid header row"
        assert "ID" in headings[1], "Invalid header row"
        assert section, "Invalid header row"
        assert len(headings) >= 4, "Invalid header row"
        changed = Imported()
        for column, heading in list(enumerate(headings))[section + 1 :]:
            title = self._known(heading)
            if re.search(r"(Current|Final|Override) (Score|Points|Grade)", heading) or title is None:
                continue
            for row in rows[1:]:
                if row and row[0] == "    Points Possible":
                    self._points_possible(title, row[column])
                elif row and any(cell.strip(" ;,") for cell in row) and row[0].strip():
                    self._take(title, headings, row, row[column] if column < len(row) else "", changed)
        return changed

    def _known(self, heading: str) -> str | None:
        found = re.search(r" \((\d+)\)$", heading)
        for title in self.grades:
            if (found and title.endswith(found[0])) or title == heading:
                return title
        raise AssertionError(f"Canvas offers to make a new assignment {heading}")

    def _points_possible(self, title: str, cell: str) -> None:
        if "read only" not in cell:
            assert last_separator(cell) == Decimal(self.possible[title]), "the assignment's maximum would change"

    def _take(self, title: str, headings: Sequence[str], row: Sequence[str], cell: str, changed: Imported) -> None:
        user = next((each for each in self.users if each.id == row[headings.index("ID")]), None)
        assert user is not None, f"Canvas asks who {row[0]} is"
        if user.id not in self.grades[title]:
            changed.skipped.append(user.id)
            return
        present = self.grades[title][user.id]
        if not cell.strip():
            if present is not None:
                changed.cleared.append(user.id)
                self.grades[title][user.id] = None
            return
        grade: Decimal | str | None = "EX" if cell.strip().upper() == "EX" else last_separator(cell)
        assert grade is not None, f"{cell} is not a grade"
        if isinstance(grade, Decimal):
            grade = grade.quantize(CENT, ROUND_HALF_UP)
            if grade != present:
                changed.set[user.id] = grade
        self.grades[title][user.id] = grade


@dataclass
class CanvasFile:
    """What somebody handed in to an assignment of Canvas: the user, the attachment's number, and the file."""

    user: str
    attachment: str
    name: str
    content: bytes


@dataclass
class CanvasAssignment:
    """An assignment of Canvas with the current hand-ins, and what the user's or group's name is in the download."""

    files: list[CanvasFile]
    names: Mapping[str, str]
    texts: Mapping[str, str] = field(default_factory=dict)  # typed in, by user

    def downloaded(self) -> bytes:
        """Return the .zip that "Download Submissions" makes."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for each in self.files:
                whose = each.user if each.user.startswith("anon_") else f"{self.names[each.user]}_{each.user}"
                archive.writestr(f"{whose}_{each.attachment}_{each.name}", each.content)
            for user, text in self.texts.items():
                archive.writestr(f"{self.names[user]}_{user}_text.html", text)
        return file.getvalue()

    def uploaded(self, content: bytes) -> tuple[dict[tuple[str, str], bytes], list[str]]:
        """Return what "Upload Submissions" attaches, by user and file as it is shown, and what it ignores."""
        taken, ignored = {}, []
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for path in archive.namelist():
                pieces = [piece for piece in path.rpartition("/")[2].split("_") if piece != "LATE"]
                if pieces[0] == "anon":
                    user, attachment = f"anon_{pieces[1]}", pieces[2]
                else:
                    user, attachment = [piece for piece in pieces if re.fullmatch("[0-9]+", piece)][:2]
                of = [each for each in self.files if (each.user, each.attachment) == (user, attachment)]
                if of:
                    taken[user, of[0].name] = archive.read(path)
                else:
                    ignored.append(path)
        return taken, ignored


@dataclass
class Participant:
    """Somebody whom an assignment of Moodle knows; `changed` says that a grade was given."""

    number: int
    name: str
    grade: Decimal | None = None
    comment: str = ""
    locked: bool = False

    @property
    def changed(self) -> bool:
        return self.grade is not None or bool(self.comment)


WORDS = {
    "en": ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum grade", "Grade can be changed",
           "Last modified (submission)", "Last modified (grade)", "Feedback comments"),
    "de": ("ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung",
           "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)", "Zuletzt geändert (Bewertung)",
           "Feedback als Kommentar"),
    "ja": ("ID", "フルネーム", "メールアドレス", "ステータス", "評点", "最大評点", "評点変更可能", "最終更新日時 (提出)",
           "最終更新日時 (評点)", "フィードバックコメント"),
}  # fmt: skip
YES_NO = {"en": ("Yes", "No"), "de": ("Ja", "Nein"), "ja": ("Yes", "No")}
DATES = {
    "en": "Saturday, 21 November 2026, 9:05 AM", "de": "Samstag, 21. November 2026, 09:05",
    "ja": "2026年 11月 21日(土曜日) 09:05",
}  # fmt: skip
PARTICIPANT = {"en": "Participant ", "de": "Teilnehmer/in", "ja": "参加者"}


@dataclass
class Moodle:
    """An assignment of Moodle whose worksheet is downloaded and uploaded by somebody with one language."""

    participants: Sequence[Participant]
    maximum: Decimal = Decimal(10)
    language: str = "en"
    blind: bool = False
    comments: bool = True

    def worksheet(self) -> bytes:
        """Return the grading worksheet."""
        headings = [word for i, word in enumerate(WORDS[self.language]) if self._has(i)]
        rows = [headings]
        for each in self.participants:
            cells = [
                f"{PARTICIPANT[self.language]}{each.number}", each.name, f"{each.number}@example.org", "Submitted",
                self._number(each.grade), self._number(self.maximum), YES_NO[self.language][each.locked],
                DATES[self.language], DATES[self.language] if each.changed else "-", each.comment,
            ]  # fmt: skip
            rows.append([cell for i, cell in enumerate(cells) if self._has(i)])
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows(rows)
        return b"\xef\xbb\xbf" + file.getvalue().encode()

    def _has(self, column: int) -> bool:
        return not (self.blind and column in (1, 2)) and (self.comments or column != 9)

    def _number(self, number: Decimal | None) -> str:
        shown = "" if number is None else f"{number:.2f}"
        return shown.replace(".", ",") if self.language == "de" else shown

    def uploaded(self, content: bytes, *, overwrite: bool = False) -> Imported:
        """Upload a worksheet; `overwrite` is the box for records that were modified more recently."""
        rows = list(csv.reader(io.StringIO(content.decode("utf-8").removeprefix("\ufeff"), newline="")))
        words = WORDS[self.language]
        assert {words[0], words[4], words[8]} <= set(rows[0]), "the headings are those of another language"
        at = {word: rows[0].index(word) for word in words if word in rows[0]}
        changed = Imported()
        for row in rows[1:]:
            assert len(row) == len(rows[0]), "a row has another number of cells than the headings"
            number = row[at[words[0]]].encode()[len(PARTICIPANT[self.language].encode()) :].decode()
            each = next((p for p in self.participants if str(p.number) == number), None)
            if each is None or (each.changed and not overwrite and not _strtotime(row[at[words[8]]])):
                changed.skipped.append(number)
            else:
                self._take(each, row[at[words[4]]], row[at[words[9]]] if words[9] in at else None, changed)
        return changed

    def _take(self, each: Participant, cell: str, comment: str | None, changed: Imported) -> None:
        number = str(each.number)
        foreign = "." if self.language == "de" else ","
        grade = last_separator(cell) if cell.strip() and foreign not in cell else None
        if grade is None or each.locked or not 0 <= grade <= self.maximum:
            changed.skipped.append(number)
        elif grade != each.grade:
            each.grade = changed.set[number] = grade
        if comment is not None and comment != each.comment:
            if each.comment and not comment:
                changed.erased.append(number)
            each.comment = changed.comments[number] = comment


def _strtotime(cell: str) -> bool:
    try:
        datetime.strptime(cell, "%A, %d %B %Y, %I:%M %p")
    except ValueError:
        return False
    return True


def gradescope_score(content: bytes) -> Decimal:
    """Return the score that Gradescope takes from a `results.json`; `AssertionError` where it refuses it."""
    results = json.loads(content)
    levels = {"hidden", "after_due_date", "after_published", "visible"}
    assert results.get("visibility", "visible") in levels
    assert results.get("output_format", "text") in {"text", "html", "simple_format", "md", "ansi"}
    scores = []
    for test in results["tests"]:
        assert test.get("visibility", "visible") in levels
        assert test["visibility"] != "hidden", "students would not see their total"
        assert test.get("status", "passed") in {"passed", "failed"}
        scores.append(test.get("score"))
    if "score" in results:
        return Decimal(str(results["score"]))
    assert scores, "the autograder failed to execute correctly"
    assert all(score is not None for score in scores), "the autograder failed to execute correctly"
    return sum((Decimal(str(score)) for score in scores), Decimal(0))


def classroom50_share(content: bytes) -> Decimal:
    """Return the share of all points that Classroom 50 takes from a `result.json`."""
    result = json.loads(content)
    assert result["schema"] == "classroom50/result/v1"
    for key in ("classroom", "assignment", "submission", "commit", "release", "review", "datetime"):
        assert isinstance(result[key], str), key
    for part in (result, *result["tests"]):
        assert type(part["score"]) is int
        assert type(part["max-score"]) is int
    for test in result["tests"]:
        assert isinstance(test["test-name"], str)
        assert type(test["passed"]) is bool
    return Decimal(result["score"]) / Decimal(result["max-score"])


def nbgrader_scores(content: bytes) -> dict[tuple[str, str], tuple[Decimal, Decimal, bool]]:
    """Return score, penalty and whether something came, by student and assignment, split at commas as scripts do."""
    lines = content.decode().splitlines()
    headings = lines[0].split(",")
    found = {}
    for line in lines[1:]:
        cells = line.split(",")
        assert len(cells) == len(headings), line
        row = dict(zip(headings, cells, strict=True))
        assert Decimal(row["score"]) == Decimal(row["raw_score"]) - Decimal(row["late_submission_penalty"])
        found[row["student_id"], row["assignment"]] = (
            Decimal(row["score"]), Decimal(row["late_submission_penalty"]), bool(row["timestamp"]),
        )  # fmt: skip
    return found
