"""What a lesson's page says, however its lines are broken."""

from __future__ import annotations

from pathlib import Path

EXERCISES = Path(__file__).parents[2] / "exercises"


def page_of(lesson: str) -> str:
    """Return the text of a lesson's page."""
    return (EXERCISES / lesson / "README.md").read_text(encoding="utf-8")


def says(lesson: str, *texts: str) -> None:
    """Require that a lesson's page says this, however its lines are broken."""
    page = " ".join(page_of(lesson).split())
    for text in texts:
        assert " ".join(text.split()) in page, f"the page of {lesson} no longer says: {text}"
