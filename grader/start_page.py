"""Writes the first page of a copy of a course: how to install the grader, to grade, and to hand in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.course.blanks import BLANK
from grader.installing import CPU_SIZE, CUDA_SIZE, REST_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_SCRIPT = "python3 install.py"
STUB = re.compile(r"exercises/([^/]+/[^/]+\.py)")


def start_page(course: str, made: Mapping[str, bytes], command: str, *, solutions: bool) -> str:
    """Return the page as Markdown.

    `made` are the files of the edition. `command` installs the grader, "" where only whoever gave the copy knows how.
    `solutions` tells whether the copy has them, which nobody hands in.
    """
    first = _first_stub(made)
    has_page = "exercises/README.md" in made
    page = ", and [the course's first page](exercises/README.md) the lessons" if has_page else ""
    name = first.rpartition("/")[2].removesuffix(".py")
    return "\n\n".join(
        [
            f"# {course}",
            "You write small functions. `grade` checks each within seconds: what holds, what does not, on which "
            "smallest input, and which mistake it is.",
            f"## Install\n\n{_install(command)}",
            f"## Write and grade\n\nOpen `exercises/{first}`. {_what_to_do(made, first)}, and ask:"
            f"\n\n```sh\ngrade {name}\n```\n\n"
            f"`grade list` shows all exercises{page}. If something does not work, `grade doctor` says what is wrong "
            "with the installation.",
            _solutions_or_hand_in(solutions=solutions, questions=_asks_questions(made)),
        ]
    ) + "\n"  # fmt: skip


def _what_to_do(made: Mapping[str, bytes], stub: str) -> str:
    if BLANK.encode() in made.get(f"exercises/{stub}", b""):
        return f"Its docstring is the whole statement. Fill in the blanks, `{BLANK}`"
    return "Its docstring says what to write. Replace `raise NotImplementedError` by your code"


def _solutions_or_hand_in(*, solutions: bool, questions: bool) -> str:
    said, of_questions = (_SOLUTIONS, _SOLUTIONS_OF_QUESTIONS) if solutions else (_HAND_IN, _ANSWERS)
    return said + of_questions if questions else said


def _asks_questions(made: Mapping[str, bytes]) -> bool:
    return any(path.startswith("exercises/") and path.endswith("/questions.toml") for path in made)


def _first_stub(made: Mapping[str, bytes]) -> str:
    """Return the stub that the course's own page names first, else the first of all, as `LESSON/NAME.py`."""
    stubs = [found[1] for path in made if (found := STUB.fullmatch(path))]
    page = made.get("exercises/README.md", b"").decode("utf-8", "replace")
    named = [stub for stub in stubs if stub in page]
    return min(named, key=page.index) if named else next(iter(stubs), "LESSON/NAME.py")


def _install(command: str) -> str:
    needs = "You need Python 3.11 or newer on Linux or a Mac; on Windows use WSL."
    if not command:
        return f"{needs} Whoever gave you this folder tells you how to install `grade`."
    if command == BY_SCRIPT:
        return (
            f"{needs}\n\n```sh\n{command}\n. .venv/bin/activate\n```\n\n"
            f"This makes a virtual environment in `.venv` and installs PyTorch for the CPU ({CPU_SIZE}), then the "
            f"grader and what it needs ({REST_SIZE}). No GPU is needed: `--torch cuda` takes a build for one all the "
            f"same ({CUDA_SIZE})."
        )
    return f"You have it: `grade --version` says which. To install it again, elsewhere:\n\n```sh\n{command}\n```"


_HAND_IN = """## Hand in

Hand in what your instructor asks for: the file of an exercise, a `.zip` archive of the folder `exercises`, or a
lesson's notebook. The same work gets the same verdict in every form. Points that are shown as pending come from hidden
checks: they draw other inputs and ask for nothing that the statement does not say."""
_ANSWERS = """ Your answers to a lesson's questions are in `exercises/LESSON/answers.toml`: hand that in, too. A
notebook has them in its cells."""
_SOLUTIONS = """## Solutions

They are in [`solutions/`](solutions), folded away, and every lesson's page links to them where an exercise begins. Try
first: a wrong answer that you understand is worth more than a right one that you have read."""
_SOLUTIONS_OF_QUESTIONS = """ The answer to a question is folded away below it, on the page and in the notebook."""
