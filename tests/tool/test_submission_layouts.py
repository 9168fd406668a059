"""Where the files of a hand-in lie: outer folders go in every form, and files import each other as before."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import pytest

from helpers.archives import zipped
from helpers.doubling import DOUBLE, GOOD, OTHER
from helpers.forms import (
    SUM,
    Files,
    as_archive_in_archive,
    as_archive_of_folder,
    as_folder,
    as_texts,
    in_every_form,
    source,
)
from helpers.notebooks import notebook
from helpers.patience import PLENTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from grader.sandbox.outside.server import ForkServer
    from grader.submission.model import Submission

pytestmark = pytest.mark.light


# Where the files lie


class Layout(NamedTuple):
    """Files, and the modules that become of them."""

    files: Files
    modules: set[str]


FROM_SRC = "from src.helpers import x\n"
LAYOUTS = {
    "no folder": Layout({"work.py": GOOD}, {"work.py"}),
    "one folder": Layout({"hw3/work.py": GOOD, "hw3/b.py": OTHER}, {"work.py", "b.py"}),
    "two folders": Layout({"hw3/src/work.py": GOOD, "hw3/src/b.py": OTHER}, {"work.py", "b.py"}),
    "a folder of a platform": Layout({"hw3-main/work.py": GOOD}, {"work.py"}),
    "a folder that is imported": Layout(
        {"hw3-main/src/work.py": FROM_SRC + GOOD, "hw3-main/src/helpers.py": "x = 1"}, {"src/work.py", "src/helpers.py"}
    ),
    "a folder that is imported from above": Layout(
        {"hw3-main/work.py": FROM_SRC + GOOD, "hw3-main/src/helpers.py": "x = 1"}, {"work.py", "src/helpers.py"}
    ),
    "a folder that a notebook imports": Layout(
        {"src/work.ipynb": notebook(FROM_SRC + GOOD), "src/helpers.py": "x = 1"},
        {"src/work.ipynb.py", "src/helpers.py"},
    ),
    "a folder that the second line of a cell imports": Layout(
        {"src/work.ipynb": notebook("import math\n" + FROM_SRC + GOOD), "src/helpers.py": "x = 1"},
        {"src/work.ipynb.py", "src/helpers.py"},
    ),
    "a folder that is imported by `import`": Layout(
        {"a/src/work.py": "import src.helpers\n" + GOOD, "a/src/helpers.py": ""}, {"src/work.py", "src/helpers.py"}
    ),
    "a notebook in a folder beside another": Layout(
        {"hw/notebooks/a.ipynb": notebook(GOOD), "hw/src/b.py": OTHER}, {"notebooks/a.ipynb.py", "src/b.py"}
    ),
    "text outside": Layout({"hw/work.py": GOOD, "README.md": "x", "data/x.csv": "1"}, {"work.py"}),
    "litter of macOS": Layout(
        {"hw/work.py": GOOD, "__MACOSX/hw/._work.py": b"\0", "hw/._work.py": b"\0", "hw/.DS_Store": b"\0"}, {"work.py"}
    ),
    "checkpoints": Layout({"hw/work.py": GOOD, "hw/.ipynb_checkpoints/work-checkpoint.py": SUM}, {"work.py"}),
    "checkpoints of a notebook": Layout(
        {"a.ipynb": notebook(GOOD), ".ipynb_checkpoints/a-checkpoint.ipynb": notebook(SUM)}, {"a.ipynb.py"}
    ),
    "caches": Layout({"hw/work.py": GOOD, "hw/__pycache__/work.py": SUM, ".git/x.py": SUM}, {"work.py"}),
    "installed packages": Layout({"work.py": GOOD, "env/lib/site-packages/x.py": SUM}, {"work.py"}),
    "folders with dots": Layout({"a.b/work.py": GOOD, "c.d/b.py": OTHER}, {"a_b/work.py", "c_d/b.py"}),
    "an archive of helpers": Layout(
        {"work.py": GOOD, "src.zip": zipped({"helpers.py": OTHER})}, {"work.py", "src/helpers.py"}
    ),
    "two archives": Layout(
        {"a.zip": zipped({"work.py": GOOD}), "b.ZIP": zipped({"x/b.py": OTHER})}, {"a/work.py", "b/x/b.py"}
    ),
}


@in_every_form
@pytest.mark.parametrize("case", LAYOUTS.values(), ids=LAYOUTS)
def test_outer_folders_go_in_every_form(
    tmp_path: Path, form: Callable[[Path, Files], Submission], case: Layout
) -> None:
    submission = form(tmp_path, case.files)
    assert set(source(submission).files) == case.modules
    assert submission.sha256 == as_texts(tmp_path, case.files).sha256


# What a worker can import

USES_HELPER = "{imports}\n\ndef double(number):\n    return twice(number)\n"
HELPER = "def twice(number):\n    return 2 * number\n"


def using(imports: str) -> str:
    return USES_HELPER.format(imports=imports)


IMPORTS: dict[str, Files] = {
    "from beside it": {"work.py": using("from helper import twice"), "helper.py": HELPER},
    "relative": {"a/work.py": using("from .helper import twice"), "a/helper.py": HELPER, "b.py": ""},
    "relative, name with dots": {"steps.v2.py": using("from .helper import twice"), "helper.py": HELPER},
    "relative, folder with dots": {"a.b/work.py": using("from .helper import twice"), "a.b/helper.py": HELPER, "c.py": ""},
    "relative, package above": {"a/b/work.py": using("from ..helper import twice"), "a/helper.py": HELPER, "c.py": ""},
    "by the folder's name": {"src/work.py": using("from src.helper import twice"), "src/helper.py": HELPER},
    "by the folder's name, below others": {
        "hw3-main/src/work.py": using("from src.helper import twice"), "hw3-main/src/helper.py": HELPER
    },
    "from the root, below others": {
        "x/hw3-main/a/work.py": using("from src.helper import twice"), "x/hw3-main/src/helper.py": HELPER, "y/z.py": ""
    },
    "by a notebook from the root": {
        "hw/notebooks/a.ipynb": notebook(using("from src.helper import twice")), "hw/src/helper.py": HELPER, "b/c.py": ""
    },
    "a helper handed in again": {"work-1.py": using("from helper import twice"), "helper-1.py": HELPER},
    "a helper that a browser renamed": {"work (1).py": using("from helper import twice"), "helper (2).py": HELPER},
    "a helper with an ending in capitals": {"work.PY": using("from helper import twice"), "helper.PY": HELPER},
    "a helper with an added ending": {"work.py.txt": using("from helper import twice"), "helper.py.txt": HELPER},
    "a helper as macOS writes it": {
        "work.py": using("from größe import twice"), unicodedata.normalize("NFD", "größe.py"): HELPER
    },
    "a name with a no-break space": {"my\u00a0work.py": using("from helper import twice"), "helper.py": HELPER},
    "a name from right to left": {"\u202ework.py": using("from .helper import twice"), "helper.py": HELPER},
    "a folder that cannot be printed": {
        "\u202ea\u00a0b/work.py": using("from .helper import twice"), "\u202ea\u00a0b/helper.py": HELPER, "c.py": ""
    },
    "a helper in an archive": {"work.py": using("from src.helper import twice"), "src.zip": zipped({"helper.py": HELPER})},
}  # fmt: skip


@pytest.fixture
def call(server: ForkServer) -> Iterator[Callable[[Submission], object]]:
    """Call `double` of a submission with 21, in a worker."""
    from grader.sandbox.outside.remote import RemoteSubmission
    from grader.sandbox.outside.session import Session

    opened = []

    def call_double(submission: Submission) -> object:
        found = source(submission)
        session = Session(server, found.files, found.modules, call_seconds=PLENTY, places=found.places)
        opened.append(session)
        return RemoteSubmission(session, DOUBLE.functions).double(21)

    yield call_double
    for session in opened:
        session.close()


@pytest.mark.torch
@pytest.mark.parametrize("form", [as_folder, as_archive_of_folder, as_archive_in_archive])
@pytest.mark.parametrize("files", IMPORTS.values(), ids=IMPORTS)
def test_what_is_handed_in_can_be_imported(
    tmp_path: Path, form: Callable[[Path, Files], Submission], files: Files, call: Callable[[Submission], object]
) -> None:
    assert call(form(tmp_path, files)) == 42


@pytest.mark.torch
@pytest.mark.parametrize("name", ["double.PY", "steps.v2.py", "\u202edouble.py", "double.py.txt", "a.b/work.py"])
def test_a_line_is_named_by_the_file_that_was_handed_in(
    tmp_path: Path, name: str, call: Callable[[Submission], object]
) -> None:
    from grader.sandbox.outside.failures import SubmissionError

    with pytest.raises(SubmissionError) as caught:
        call(as_folder(tmp_path, {name: "\ndef double(number):\n    return 1 / 0\n", "c.py": ""}))
    [frame] = caught.value.lines
    assert (frame.file, frame.line) == (name.replace("\u202e", r"\u202e"), 3)
