"""What confined code cannot do is told in one sentence, with the way to look at it without confinement."""

from __future__ import annotations

import pytest

from grader.sandbox.outside.importing import Importable
from grader.sandbox.wire import messages
from grader.submission.slices import Place

pytestmark = pytest.mark.light


def hint(error: str, message: str, line: str = "") -> str:
    frames = [messages.Frame("work.py", 1, "double", line)]
    raised = messages.Raised(1, error, message, frames, "", False)
    return Importable({}, {}, {}, {}, {}).hint(raised)


@pytest.mark.parametrize(
    ("error", "message", "sentence"),
    [
        ("BdbQuit", "", "nobody is there to use a debugger"),
        ("FileNotFoundError", "[Errno 2] No such file", "there are no files but your Python files and notebooks"),
        ("PermissionError", "[Errno 1] Operation not permitted", "it can open no other files, no network and no other"),
        ("RuntimeError", "open file failed with strerror: Permission denied", "it can open no other files"),
        ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>", "no network"),
    ],
)
def test_what_confinement_refuses_is_explained(error: str, message: str, sentence: str) -> None:
    assert sentence in hint(error, message)
    assert "`grade debug NAME`" in hint(error, message)


def test_in_a_notebook_it_is_a_cell_that_is_not_confined() -> None:
    for file in ("work.ipynb, cell 2", "cell [3]"):
        raised = messages.Raised(1, "BdbQuit", "", [messages.Frame("work.py", 1, "double", "return 1")], "", False)
        said = Importable({}, {"work.py": [Place(file, 4)]}, {}, {}, {}).hint(raised)
        assert "Call the function in a cell of its own: there, a debugger and files work." in said
        assert "grade debug" not in said


def test_other_errors_are_not_blamed_on_confinement() -> None:
    assert hint("ValueError", "no") == ""
    assert "write the value into your code" in hint("EOFError", "EOF when reading a line", "x = input()")
