"""Writes a page for each student that needs no other file, or an archive of them as a platform takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.classroom.export import Upload
from grader.classroom.feedback import feedback, feedback_for_moodle
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.classroom.export import ClassMarks
    from grader.report.documents import Files


def pages(exported: ClassMarks) -> Files:
    """Return the pages, in the layout that was asked for."""
    if exported.wanted.upload is Upload.CANVAS:
        from grader.classroom.canvas_copies import feedback_for_canvas

        return feedback_for_canvas(exported)
    return feedback_for_moodle(exported) if exported.wanted.upload is Upload.MOODLE else feedback(exported)


FORMAT = Format("feedback", pages, several=True, takes=("zip", "fill"))
