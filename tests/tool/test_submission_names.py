"""What the files of a hand-in are called: any name is read in every form, shown safely, and can be imported."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import pytest

from grader.submission.module_paths import module_paths
from grader.submission.reading import read_submission
from helpers.course_factory import write_files
from helpers.doubling import GOOD
from helpers.forms import BROKEN, SUM, Files, as_folder, graded, in_every_form, source
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.submission.model import Submission

pytestmark = pytest.mark.light


class Named(NamedTuple):
    """A file, and what messages call it."""

    name: str
    content: str | bytes
    shown: str = ""


NAMED = {
    "an ending in capitals": Named("double.PY", GOOD),
    "a name in capitals": Named("DOUBLE.Py", GOOD),
    "a notebook's ending in capitals": Named("Double.IPYNB", notebook(GOOD)),
    "a browser's .txt": Named("double.py.txt", GOOD),
    "Windows' .TXT": Named("double.py.TXT", GOOD),
    "wget's .1": Named("double.py.1", GOOD),
    "a number behind the ending": Named("double.py (1)", GOOD),
    "a notebook with .txt": Named("double.ipynb.txt", notebook(GOOD)),
    "a notebook with .json": Named("double.ipynb.json", notebook(GOOD)),
    "a notebook with .json in capitals and .txt": Named("double.IPYNB.JSON.txt", notebook(GOOD)),
    "a version with a dot": Named("steps.v2.py", GOOD),
    "a date with dots": Named("2026.11.20 double.py", GOOD),
    "a notebook's version with a dot": Named("steps.v2.ipynb", notebook(GOOD)),
    "a blank": Named("my work.py", GOOD),
    "a copy": Named("work (1).py", GOOD),
    "a name of digits": Named("1.py", GOOD),
    "a hyphen": Named("hw-1.py", GOOD),
    "a notebook in a .py": Named("work.py", notebook(GOOD)),
    "a notebook with a mark in a .py": Named("work.py", b"\xef\xbb\xbf\n" + notebook(GOOD).encode()),
    "a notebook with large outputs in a .py": Named(
        "work.py", notebook({"cell_type": "code", "source": GOOD, "outputs": ["".join(map(str, range(250_000)))]})
    ),
    "a script in an .ipynb": Named("work.ipynb", GOOD),
    "a script with magics' neighbours in an .ipynb": Named("work.ipynb", '"""Mine."""\nimport math\n' + GOOD),
    "a no-break space": Named("my\u00a0work.py", GOOD, r"my\xa0work.py"),
    "a narrow no-break space": Named("Shot 10.15\u202fPM.py", GOOD, r"Shot 10.15\u202fPM.py"),
    "a zero-width joiner": Named("\U0001f469\u200d\U0001f4bb.py", GOOD, "\U0001f469\\u200d\U0001f4bb.py"),
    "a zero-width space": Named("wo\u200brk.py", GOOD, r"wo\u200brk.py"),
    "a mark from right to left": Named("\u202eyp.krow.py", GOOD, r"\u202eyp.krow.py"),
    "Arabic": Named("\u0648\u0627\u062c\u0628.py", GOOD),
    "an emoji": Named("\U0001f600.py", GOOD),
    "accents as macOS writes them": Named(
        unicodedata.normalize("NFD", "größe_é.py"), GOOD, unicodedata.normalize("NFC", "größe_é.py")
    ),
    "colours of a terminal": Named("a\x1b[31m.py", GOOD, r"a\x1b[31m.py"),
    "a line end": Named("a\nb.py", GOOD, r"a\nb.py"),
    "a notebook with a no-break space": Named("my\u00a0work.ipynb", notebook(GOOD), r"my\xa0work.ipynb"),
    "a folder with a mark from right to left": Named("\u202ea/work.py", GOOD, "work.py"),
    "a folder with a dot": Named("hw3.final/work.py", GOOD, "work.py"),
}


@in_every_form
@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_a_file_of_any_name_is_read(tmp_path: Path, form: Callable[[Path, Files], Submission], case: Named) -> None:
    submission = form(tmp_path, {case.name: case.content})
    assert graded(submission) == (case.shown or case.name)
    assert all(
        f"{module}{place.file}".isprintable() for module, at in source(submission).places.items() for place in at
    )
    module = source(submission).modules["double"]
    assert module.isprintable()
    assert module.endswith(".py")


@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_a_file_of_any_name_is_read_alone(tmp_path: Path, case: Named) -> None:
    name = case.name.rpartition("/")[2]
    submission = read_submission(write_files(tmp_path, {name: case.content}) / name)
    assert graded(submission) == (case.shown or case.name)


@in_every_form
def test_a_syntax_error_names_the_file_escaped(tmp_path: Path, form: Callable[[Path, Files], Submission]) -> None:
    said = graded(form(tmp_path, {"\u202edouble\u00a0.py": BROKEN}))
    assert said.startswith(r"\u202edouble\xa0.py has a syntax error on line 3")


def test_names_that_look_alike_are_one_if_their_files_are(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "größe.py") for form in ("NFC", "NFD"))
    assert graded(as_folder(tmp_path / "a", {composed: GOOD, decomposed: GOOD})) == composed
    said = graded(as_folder(tmp_path / "b", {composed: GOOD, decomposed: SUM}))
    assert f"Not read: {composed} is there twice, and the two differ: keep one." in said


@pytest.mark.parametrize(
    ("paths", "modules"),
    [
        (["work.py", "deep/work.py"], ["work.py", "deep/work.py"]),
        (["steps.v2.py", "hw.final/a.py"], ["steps_v2.py", "hw_final/a.py"]),
        (["helper.PY", "other.py.txt"], ["helper.py", "other.py"]),
        (["box_mask-1.py", "work (1).py"], ["box_mask.py", "work.py"]),
        (["work.py", "work (1).py"], ["work.py", "work_2.py"]),
        (["work (1).py", "work (2).py"], ["work.py", "work_2.py"]),
        (["a b.py", "a_b.py/c.py"], ["a b.py", "a_b_py/c.py"]),
        (["helper_v2.py", "hw-1.py", "1-2.py"], ["helper_v2.py", "hw.py", "1-2.py"]),
    ],
)
def test_other_files_can_import_what_was_renamed(paths: list[str], modules: list[str]) -> None:
    assert list(module_paths(paths).values()) == modules
