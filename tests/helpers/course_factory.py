"""Writes small valid courses for tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

_STUB = '''"""Doubling a number."""


def {name}(number: int) -> int:
    """Return twice `number`."""
    raise NotImplementedError
'''

_PUBLIC = '''from grader.checks import assert_equal


def test_{name}_of_two(submission):
    """Twice two is four."""
    assert_equal(submission.{name}(2), 4, "Twice two is four.")
'''

_HIDDEN = '''from grader.checks import assert_equal


def test_{name}_of_minus_three(submission, reference):
    """Negative numbers are doubled too."""
    assert_equal(submission.{name}(-3), reference.{name}(-3), "Twice minus three is minus six.")
'''

_SOLUTION = '''"""The solution."""


def {name}(number: int) -> int:
    """Return twice `number`."""
    return 2 * number
'''

_WRONG = '''"""The number is returned as it is.

Twice a number is the number and the number again; here the second one is forgotten.
"""

CAUGHT_BY = "test_{name}_of_two"


def {name}(number: int) -> int:
    """Return `number`."""
    return number
'''

_ACCEPTED = '''"""A sum for the product."""


def {name}(number: int) -> int:
    """Return twice `number`."""
    return number + number
'''

_RUBRIC_HEAD = """schema = "grader.rubric/1"
title = "Doubling"
points = {points}
"""

_RUBRIC_EXERCISE = """
[exercises.{name}]
points = 10

[[exercises.{name}.criteria]]
title = "Small numbers"
points = 4
visibility = "public"
checks = ["test_{name}_of_two"]

[[exercises.{name}.criteria]]
title = "Negative numbers"
points = 6
visibility = "hidden"
checks = ["test_{name}_of_minus_three"]
"""


def make_course(
    root: Path,
    exercises: Sequence[str] = ("numbers/double",),
    changes: Mapping[str, str | bytes | None] | None = None,
    reference: bool = True,
) -> Path:
    """Write a valid course and return its root folder.

    Every exercise `LESSON/NAME` asks for a function `NAME(number: int) -> int` that doubles, and is
    worth ten points: four for the public check `test_NAME_of_two`, six for the hidden
    `test_NAME_of_minus_three`.
    `wrong/unchanged.py` is a known mistake and `accepted/sum.py` another right way.

    `changes` maps a path below `root` to what the file holds instead, or to None for no such file.
    `reference=False` leaves the answers out, as in a student's copy.
    """
    files: dict[str, str | bytes | None] = {"exercises/README.md": "# Doubling, step by step\n"}
    rubrics: dict[str, list[str]] = {}
    for lesson, name in (exercise.split("/") for exercise in exercises):
        answers = f"reference/{lesson}/{name}"
        templates = {
            f"exercises/{lesson}/{name}.py": _STUB,
            f"exercises/{lesson}/checks/test_{name}.py": _PUBLIC,
        }
        if reference:
            templates |= {
                f"{answers}/solution.py": _SOLUTION,
                f"{answers}/test_hidden.py": _HIDDEN,
                f"{answers}/wrong/unchanged.py": _WRONG,
                f"{answers}/accepted/sum.py": _ACCEPTED,
            }
        files |= {path: template.format(name=name) for path, template in templates.items()}
        rubrics.setdefault(lesson, []).append(_RUBRIC_EXERCISE.format(name=name))
    for lesson, parts in rubrics.items():
        files[f"rubrics/{lesson}.toml"] = _RUBRIC_HEAD.format(points=10 * len(parts)) + "".join(parts)
    write_files(root, files | dict(changes or {}))
    return root


def write_files(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """Write the files below `root`, by relative path, and return `root`; a path with None is left out."""
    root.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        if content is None:
            continue
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return root
