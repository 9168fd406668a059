"""Questions for the small courses of tests: three of practice and one that counts, one of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

QUESTIONS = """
schema = "grader.questions/1"

[questions.twice_three]
before = "double"
title = "Twice three"
text = "What is twice three?"
kind = "number"
unit = "apples"

[questions.what_stays]
before = "double"
title = "What stays"
text = "Which property of a whole number does doubling always leave?"
kind = "choice"
options.sign = "its sign"
options.parity = "whether it is even"
options.digits = "how many digits it has"

[questions.by_size]
before = "double"
title = "By size"
text = "Sort by the result, the smallest first."
kind = "order"
options.minus_two = "twice -2"
options.half = "twice 0.5"
options.one = "twice 1"

[questions.a_third]
before = "double"
title = "Twice a third"
text = "What is twice a third?"
kind = "number"
"""

ANSWERS = """
schema = "grader.answer_key/1"

[answers.twice_three]
answer = 6
explanation = "Three and three more."
[[answers.twice_three.tempting]]
answer = 9
mistake = "It is squared."
why = "Three times three is the square, not the double."

[answers.what_stays]
answer = "sign"
explanation = "A positive number stays positive, and a negative one negative."
[[answers.what_stays.tempting]]
answer = "parity"
mistake = "Odd numbers are forgotten."
why = "Every result is even, so an odd number does not stay odd."
[[answers.what_stays.tempting]]
answer = "digits"
mistake = "Carrying is forgotten."
why = "Twice 5 is 10, which has a digit more."

[answers.by_size]
answer = ["minus_two", "half", "one"]
explanation = "Doubling keeps the order."
[[answers.by_size.tempting]]
answer = ["half", "one", "minus_two"]
mistake = "The sign is ignored."
why = "By distance from zero the last one is -4, and it is the smallest."

[answers.a_third]
answer = 0.667
tolerance = 0.001
explanation = "Two thirds, rounded to three places, are just above 0.666."
[[answers.a_third.tempting]]
answer = 0.111
tolerance = 0.001
mistake = "It is squared here."
why = "A third of a third is a ninth, and that is the square."
"""

CRITERION = """
[exercises.questions]
points = 2

[[exercises.questions.criteria]]
title = "Twice a third"
points = 2
visibility = "{visibility}"
checks = ["a_third"]
"""
PAGE = """# Numbers

## Doubling

<!-- question twice_three -->

<!-- question what_stays -->

<!-- question by_size -->

<!-- question a_third -->

Now write [`double`](double.py).
"""
RIGHT = {"twice_three": "6", "what_stays": "sign", "by_size": "minus_two, half, one", "a_third": "0.667"}


def make_course_with_questions(
    root: Path, changes: Mapping[str, str | bytes | None] | None = None, *, visibility: str = "public"
) -> Path:
    """Write a course of one lesson with four questions, of which `a_third` counts two points; return its folder."""
    make_course(root)
    rubric = root / "rubrics/numbers.toml"
    text = rubric.read_text().replace("points = 10\n", "points = 12\n", 1) + CRITERION.format(visibility=visibility)
    files: dict[str, str | bytes | None] = {
        "rubrics/numbers.toml": text,
        "exercises/numbers/questions.toml": QUESTIONS,
        "exercises/numbers/README.md": PAGE,
        "reference/numbers/questions/answers.toml": ANSWERS,
    }
    return write_files(root, files | dict(changes or {}))


def answers_file(answers: Mapping[str, str]) -> str:
    """Return a student's file of answers."""
    lines = [f'{name} = "{text}"' for name, text in answers.items()]
    return "\n".join(['schema = "grader.answers/1"', "[answers]", *lines]) + "\n"
