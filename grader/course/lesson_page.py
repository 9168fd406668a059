"""Reads a lesson's page and finds the part that leads to an exercise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.questions.markdown import without_marks
from grader.faults import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.course.model import Lesson

_LINK = re.compile(r"\]\((\w+)\.py\)")
LIST_OF_EXERCISES = "Exercises"  # the heading of the list at the end


@dataclass(frozen=True)
class Part:
    """A section of a page: its heading, its Markdown with the heading, and the exercises that it links to."""

    heading: str
    markdown: str
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class LessonPage:
    """A lesson's page, split at its second-level headings; the first part is what stands above them."""

    parts: tuple[Part, ...]

    def part_of(self, exercise: str) -> Part | None:
        """Return the section that links to an exercise's stub, the list of exercises at the end apart."""
        return next((p for p in self.parts if exercise in p.exercises and p.heading != LIST_OF_EXERCISES), None)

    def html_of(self, exercise: str) -> str:
        """Return that section as HTML without pictures and links, "" if there is none."""
        from markdown_it import MarkdownIt  # what Rich draws Markdown with, too

        part = self.part_of(exercise)
        renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link"])
        return renderer.render(without_marks(part.markdown)) if part else ""


def read_lesson_page(lesson: Lesson) -> LessonPage:
    """Return the page of a lesson, without parts where there is none."""
    path = lesson.folder / "README.md"
    with reading(path):
        if not path.is_file():
            return LessonPage(())
        text = path.read_text(encoding="utf-8", errors="replace")
    pieces = [section.strip() + "\n" for section in sections(text)]
    return LessonPage(tuple(Part(_heading(piece), piece, tuple(_LINK.findall(piece))) for piece in pieces))


def sections(page: str) -> Iterator[str]:
    """Split a page where a heading of the second level begins, but not inside a block of code."""
    lines: list[str] = []
    fenced = False
    for line in page.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        if line.startswith("## ") and not fenced:
            yield "\n".join(lines)
            lines = []
        lines.append(line)
    yield "\n".join(lines)


def _heading(markdown: str) -> str:
    return markdown.partition("\n")[0].lstrip("# ").strip()
