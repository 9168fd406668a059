"""The picture on the first page: it shows what `grade` prints today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.text import Text

from tools import verdict_picture

if TYPE_CHECKING:
    from helpers.command import Command

pytestmark = pytest.mark.confined  # which the picture says of itself


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_it_shows_what_grade_prints(command: Command, ground: str) -> None:
    done = command.run(*verdict_picture.ARGUMENTS, cwd=verdict_picture.PROJECT, **verdict_picture.SURROUNDINGS)
    printed = Text.from_ansi(f"$ {verdict_picture.SHOWN}\n{done.stdout}").plain
    shown = verdict_picture.words(verdict_picture.file_of(ground).read_text(encoding="utf-8"))
    assert shown.splitlines() == [line.rstrip() for line in printed.strip().splitlines()], (
        "Draw it anew: python -m tools.verdict_picture"
    )


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_it_asks_for_nothing_from_elsewhere(ground: str) -> None:
    text = verdict_picture.file_of(ground).read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
