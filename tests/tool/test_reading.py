"""Hand-ins are read in children: what children read is right, and what becomes of a child harms no other hand-in."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from grader.course.finding import find_course
from grader.errors import GraderError, UsageError
from grader.sandbox import limits
from grader.sandbox.outside import reader
from grader.sandbox.outside.reader import Reader, read_code_cells, read_edited_stubs, read_handin
from grader.sandbox.reading import model_data, orders
from grader.sandbox.wire.frames import WireError
from grader.submission.limits import MAX_CELLS, MAX_FILE_WORDS, MAX_TOTAL_WORDS
from grader.submission.model import Bindings, File, Problem, Submission
from grader.submission.reading import read_submission, stubs_in_place, submission_of_cells
from grader.submission.slices import HEADER, IMPORT, Place, Statement
from helpers import other_user
from helpers.archives import zipped
from helpers.notebooks import code, notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[2]
GOOD = "def double(number):\n    return 2 * number\n"


def described(value: Any) -> Any:
    """Return all that is in a model, with sequences alike whatever their types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: described(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return type(value).__name__, fields
    if isinstance(value, dict):
        return sorted((key, described(each)) for key, each in value.items())
    if isinstance(value, frozenset):
        return sorted(value)
    return [described(each) for each in value] if isinstance(value, list | tuple) else value


# --- what is read is what is there ----------------------------------------------------------------------------------

TEXTS: dict[str, tuple[str, str | bytes]] = {
    "good": ("work.py", GOOD),
    "empty": ("work.py", ""),
    "syntax error": ("work.py", "def double(number:\n"),
    "latin": ("work.py", "# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1")),
    "null byte": ("work.py", b"x = 1\0"),
    "form feed": ("work.py", "x = '\f'\n\x0c\n" + GOOD),
    "imports": ("work.py", "from math import *\nimport torch.nn.functional as F\nx: int = 1\n" + GOOD),
    "notebook": ("work.ipynb", notebook("%pip install x\nimport math", "N = 50\nT = [1]\nT[0] += N", GOOD, "x = f()")),
    "broken cell": ("work.ipynb", notebook("def halve(:", GOOD, "import math\n!ls")),
    "half a character": ("work.ipynb", notebook("x = '\ud800'\ndef halve(n): return n", GOOD)),
    "format 3": ("work.ipynb", '{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]}'),
    "no notebook": ("work.ipynb", "{"),
    "archive": ("work.zip", zipped({"alice/a.py": GOOD, "alice/b.ipynb": notebook("x = 1", "y = len(x)")})),
    "names of old archives": ("work.zip", zipped({"äöü.py": GOOD})),
    "no archive": ("work.zip", "PK"),
    "empty archive": ("work.zip", zipped({})),
}


@pytest.mark.parametrize(("name", "content"), TEXTS.values(), ids=TEXTS)
def test_a_child_reads_what_is_there(tmp_path: Path, name: str, content: str | bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    read, expected = described(read_handin(path)), described(read_submission(path))
    assert repr(read).replace("\\\\ud800", "\\ud800") == repr(expected)


@pytest.mark.parametrize(
    "path",
    [
        *sorted((PROJECT / "tests" / "submissions").glob("*/*")),
        *sorted((PROJECT / "exercises").glob("*/")),
        PROJECT / "reference",
    ],
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_a_child_reads_every_sample_of_the_project(path: Path) -> None:
    assert described(outcome(read_handin, path)) == described(outcome(read_submission, path))


def outcome(read: Callable[[Path], Submission], path: Path) -> Submission | str:
    try:
        return read(path)
    except UsageError as error:
        return str(error)


def test_a_child_reads_stubs_in_place() -> None:
    course = find_course(PROJECT)
    assert described(read_edited_stubs(course)) == described(stubs_in_place(course))


def test_a_child_reads_cells() -> None:
    cells = [("cell [1]", "import math"), ("cell [2]", "x = '\ud800'"), ("cell [3]", GOOD)]
    read, expected = described(read_code_cells("it", cells)), described(submission_of_cells("it", cells))
    assert repr(read).replace("\\\\ud800", "\\ud800") == repr(expected)


def test_paths_are_those_of_the_judges_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(GOOD)
    assert described(read_handin(Path("mine.py"))) == described(read_submission(Path("mine.py")))
    with pytest.raises(UsageError, match=r"^There is no other.py: give the path"):
        read_handin(Path("other.py"))


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    folder.mkdir()
    (folder / "a.py").write_text(GOOD)
    assert described(read_handin(folder)) == described(read_submission(folder))


def test_root_reads_what_belongs_to_others(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root reads what belongs to others")
    folder = tmp_path / "alice"
    folder.mkdir()
    (folder / "a.py").write_text(GOOD)
    for path in (folder / "a.py", folder):
        path.chmod(0o700)
        os.chown(path, other_user.NOBODY, other_user.NOBODY)
    assert [file.text for file in read_handin(folder)._files] == [GOOD]


def test_another_user_reads_too() -> None:
    if why := other_user.why_not():
        pytest.skip(why)
    script = "from pathlib import Path\nfrom grader.sandbox.outside.reader import read_handin\n"
    script += f"Path('w.py').write_text({GOOD!r})\nprint(read_handin(Path('w.py'))._files[0].bindings.defined)"
    with tempfile.TemporaryDirectory(prefix="grade-test-", dir="/tmp") as home:
        Path(home).chmod(0o755)
        code = f"import os; os.chdir({home!r})\n{script}"
        done = other_user.run(["-c", code], Path(home), capture_output=True)
    assert done.stdout == "frozenset({'double'})\n", done.stderr


# --- hostile hand-ins -----------------------------------------------------------------------------------------------

MEGABYTE = 990_000
TOO_MUCH = r"has more than 100,000 words and symbols"
HOSTILE: dict[str, tuple[str, str]] = {
    "statements": ("a=1;" * (MEGABYTE // 4), TOO_MUCH),
    "lines": ("a\n" * (MEGABYTE // 2), TOO_MUCH),
    "f-strings": ('f"' + "{a}" * (MEGABYTE // 3) + '"', TOO_MUCH),
    "attributes": ("a" + ".a" * (MEGABYTE // 2), TOO_MUCH),
    "fewer attributes": ("a" + ".a" * 49_000, r"too deeply nested"),
    "parentheses": ("(" * MEGABYTE, r"too many nested parentheses"),
    "signs": ("x = " + "-" * 50_000 + "1", r"too deeply nested|too many nested"),
    "nested lists": ("x = " + "[" * 190 + "]" * 190, ""),
    "else ifs": ("if a: 0\n" + "elif a: 0\n" * 20_000, r"too deeply nested"),
    "indentation": ("\n".join(" " * depth + "if a:" for depth in range(99)) + "\n" + " " * 99 + "0", ""),
    "sum": ("x = 1" + "+1" * 49_000, r"too deeply nested"),
    "power": ("x = 9**9**9**9**9\n", ""),
    "product": ("x = " + "*".join(["(9 << 9999)"] * 500) + "\n", ""),
    "repetition": ("x = ('a' * 10**9, [0] * 10**9, (0,) * 10**9)\n", ""),
    "digits": ("x = " + "9" * MEGABYTE, r"Exceeds the limit"),
    "long text": ("x = '" + "a" * MEGABYTE + "'", ""),
    "texts": ("x = " + "'a'" * 30_000, ""),
    "comment": ("#" * MEGABYTE, ""),
    "one name": ("a" * MEGABYTE + " = 1", ""),
}


@pytest.mark.parametrize("form", ["py", "ipynb", "zip"])
@pytest.mark.parametrize(("text", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_is_a_problem_of_its_own(tmp_path: Path, text: str, sentence: str, form: str) -> None:
    path = tmp_path / f"work.{form}"
    contents: dict[str, str | bytes] = {"py": text, "ipynb": notebook(text), "zip": zipped({"work.py": text})}
    content = contents[form]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    submission = read_handin(path)
    faults = [fault.sentence for file in submission._files for fault in file.faults]
    said = "\n".join([*([submission.problem.sentence] if submission.problem else []), *faults])
    if sentence:
        assert said
        assert re.search(r"(too deeply|too many) nested" if "nested" in sentence else sentence, said), said
    else:
        assert said == ""
    ended = reader._reader().last_ended
    assert ended is not None
    assert ended.peak_bytes < 300 * 10**6


BOMBS: dict[str, tuple[str, Callable[[], str | bytes], str]] = {
    "zip": ("work.zip", lambda: zipped({"a.py": b"\n" * 50_000_000}), "a.py is larger than 1 MB"),
    "nested zip": ("work.zip", lambda: zipped({"a.zip": zipped({"a.py": b"\n" * 50_000_000})}), "."),
    "many files": ("work.zip", lambda: zipped({f"{n}.py": "a=1;" * 25_000 for n in range(9)}), "300,000 words"),
    "one cell": ("work.ipynb", lambda: notebook("#" * 30_000_000), "work.ipynb is larger than 1 MB"),
    "many cells": ("work.ipynb", lambda: notebook(*[""] * (MAX_CELLS + 1)), "more than 10,000 cells"),
    "deep JSON": ("work.ipynb", lambda: "[" * 10_000_000, "is not a notebook"),
    "deep cells": ("work.ipynb", lambda: '{"nbformat": NaN, "cells": ' + "[" * 200_000, "is not a notebook"),
    "outputs": ("work.ipynb", lambda: notebook(code(GOOD, outputs=["x" * 31_000_000])), ""),
    "numbers": ("work.ipynb", lambda: '{"nbformat": ' + "9" * 1_000_000 + "}", "is not a notebook"),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "content", "sentence"), BOMBS.values(), ids=BOMBS)
def test_what_unpacks_to_too_much_is_a_problem_of_its_own(
    tmp_path: Path, name: str, content: Callable[[], str | bytes], sentence: str
) -> None:
    made = content()
    (tmp_path / name).write_bytes(made if isinstance(made, bytes) else made.encode())
    submission = read_handin(tmp_path / name)
    faults = [fault.sentence for file in submission._files for fault in file.faults]
    said = submission.problem.sentence if submission.problem else "\n".join(faults)
    assert (sentence in said) if sentence else (said == "")


def test_of_a_notebook_the_last_cells_are_read_as_far_as_there_is_room() -> None:
    cells = [("cell 1", "x=1;" * 20_000), ("cell 2", "y=1;" * 10_000), ("cell 3", GOOD)]
    submission = read_code_cells("it", cells)
    [fault] = submission._files[0].faults
    assert fault.sentence.startswith(
        f"it has more than {MAX_FILE_WORDS:,} words and symbols of code, with those in cell 1"
    )
    assert submission._files[0].bindings.defined >= {"double"}


@pytest.mark.slow
def test_all_files_together_are_measured(tmp_path: Path) -> None:
    (tmp_path / "work.zip").write_bytes(zipped({f"{n}.py": "a=1;" * 20_000 for n in range(3)}))
    assert read_handin(tmp_path / "work.zip").problem is None
    (tmp_path / "work.zip").write_bytes(zipped({f"{n}.py": "a=1;" * 20_000 for n in range(4)}))
    assert str(read_handin(tmp_path / "work.zip").problem).find(f"more than {MAX_TOTAL_WORDS:,} words") > 0


# --- what becomes of a child ----------------------------------------------------------------------------------------

# The reading server with another way to read what is called bad.py.
SERVER = """
import os, resource, signal, socket, sys, time
from grader.errors import UsageError
from grader.sandbox.inside import confinement
from grader.sandbox.reading import orders, server
honest_read, honest_answer = server._read, server._answer
def is_bad(wanted):
    return isinstance(wanted, orders.Path) and wanted.path.endswith(b"bad.py")
def read(wanted):
    return bad() if is_bad(wanted) else honest_read(wanted)
def answer(wanted):
    return bad_answer() if is_bad(wanted) else honest_answer(wanted)
server._read = read
"""


@pytest.fixture
def readers(tmp_path: Path) -> Iterator[Callable[[str], Reader]]:
    """Return a function that makes a reader whose server has some lines more."""
    (tmp_path / "bad.py").write_text(GOOD)
    (tmp_path / "good.py").write_text(GOOD)
    made = []

    def new(lines: str) -> Reader:
        made.append(Reader([sys.executable, "-I", "-c", f"{SERVER}\n{lines}\nserver.main()"]))
        return made[-1]

    yield new
    for each in made:
        each.close()


def read(reader: Reader, path: Path) -> Submission:
    return reader.read(path.name, orders.Path(os.fsencode(path)))


REMEDY = "simplify it, and hand in only the .py files and notebooks that you wrote yourself."
ENDS = {
    "segmentation fault": (
        "import ctypes\ndef bad(): ctypes.string_at(0)",
        f"bad.py is too large or too deeply nested for Python, which crashed on it (SIGSEGV): {REMEDY}",
    ),
    "killed": (
        "confinement.confine = lambda *_, **__: None\ndef bad(): os.kill(os.getpid(), signal.SIGKILL)",
        f"bad.py takes too much memory, or more than 300 seconds, to read: {REMEDY}",
    ),
    "exit": ("def bad(): os._exit(7)", f"bad.py could not be read, because reading it ended unexpectedly: {REMEDY}"),
    "exception": ("def bad(): {}['x']", f"bad.py could not be read (KeyError): {REMEDY}"),
    "recursion": ("def bad(): return bad()", f"bad.py could not be read (RecursionError): {REMEDY}"),
    "another end": (
        "def bad(): sys.exit()",
        f"bad.py could not be read, because reading it ended unexpectedly: {REMEDY}",
    ),
    "rubbish": (
        "server._answer = answer\ndef bad_answer(): return orders.Made(), b'rubbish'",
        f"bad.py could not be read, because reading it went wrong: {REMEDY}",
    ),
    "a confinement twice": (
        "server._answer = answer\ndef bad_answer(): return (server.messages.Confined(), b'')",
        f"bad.py could not be read, because reading it went wrong: {REMEDY}",
    ),
    "a fault of ours": (
        "server._answer = answer\ndef bad_answer(): return (server.messages.Fault('OSError', '', '', 5), b'')",
        f"bad.py could not be read, because reading it went wrong: {REMEDY}",
    ),
    "too much": (
        "server.frames._check_header = lambda header: header\n"
        "server._answer = answer\ndef bad_answer(): return orders.Made(), bytes(100_000_000)",
        f"bad.py could not be read, because reading it went wrong: {REMEDY}",
    ),
}


@pytest.mark.parametrize(("lines", "sentence"), ENDS.values(), ids=ENDS)
def test_a_child_that_goes_wrong_is_a_problem_of_its_own_hand_in(
    tmp_path: Path, readers: Callable[[str], Reader], lines: str, sentence: str
) -> None:
    reader = readers(lines)
    assert read(reader, tmp_path / "bad.py").problem == Problem(sentence)
    assert read(reader, tmp_path / "good.py").problem is None


@pytest.mark.parametrize(
    ("limit", "lines", "sentence"),
    [
        ("READING_CPU_SECONDS", "def bad():\n    while True: pass", "bad.py takes more than 1 seconds to read"),
        ("READING_WALL_SECONDS", "def bad(): time.sleep(1e6)", "bad.py takes too much memory, or more than 1 seconds"),
    ],
    ids=["computing", "waiting"],
)
def test_a_child_that_does_not_end_is_ended(
    tmp_path: Path,
    readers: Callable[[str], Reader],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    lines: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(limits, limit, 1)
    reader = readers(lines)
    assert sentence in str(read(reader, tmp_path / "bad.py").problem)
    monkeypatch.undo()
    assert read(reader, tmp_path / "good.py").problem is None


def test_a_child_that_lives_on_is_ended(tmp_path: Path, readers: Callable[[str], Reader]) -> None:
    reader = readers("server.os._exit = lambda status: time.sleep(1e6)")
    assert read(reader, tmp_path / "good.py").problem is None
    assert reader.last_ended is not None
    assert os.WTERMSIG(reader.last_ended.status) == signal.SIGKILL


@pytest.mark.confined
def test_a_child_has_little_memory(tmp_path: Path, readers: Callable[[str], Reader]) -> None:
    reader = readers("def bad(): return bytearray(10**9)")
    assert "bad.py needs more than 536 MB of memory to be read" in str(read(reader, tmp_path / "bad.py").problem)


@pytest.mark.confined
@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "os.listdir('..')",
        "open('good.py')",
        "open('/tmp/out', 'w')",
        "os.mkdir('new')",
        "socket.socket()",
        "os.fork()",
        "os.kill(os.getppid(), 9)",
        "os.execv('/bin/true', ['true'])",
        "os.chmod('bad.py', 0)",
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))",
    ],
)
def test_a_child_can_do_nothing_but_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readers: Callable[[str], Reader], attempt: str
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = readers(
        f"def bad():\n    try: {attempt}\n    except (OSError, ValueError) as error: raise UsageError(str(error))"
    )
    with pytest.raises(UsageError, match=r"Permission denied|not permitted|not allowed"):
        read(reader, tmp_path / "bad.py")


def test_a_link_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(GOOD)
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "a.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "link").symlink_to(tmp_path / "alice")
    assert "is a symbolic link" in read_handin(tmp_path / "alice")._files[0].faults[0].sentence
    with pytest.raises(UsageError, match="link is a symbolic link"):
        read_handin(tmp_path / "link")


# --- when nothing can be read ---------------------------------------------------------------------------------------


def test_a_machine_that_lacks_something_is_nobodys_fault(tmp_path: Path, readers: Callable[[str], Reader]) -> None:
    reader = readers("def bad(): raise OSError(5, 'Input/output error')")
    with pytest.raises(OSError, match="Input/output error") as raised:
        read(reader, tmp_path / "bad.py")
    assert raised.value.errno == 5
    assert read(reader, tmp_path / "good.py").problem is None


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["/nowhere/python"], r"could not be started: FileNotFoundError"),
        ([sys.executable, "-c", "raise SystemExit('no such module')"], r"ended unexpectedly: its exit status is 1"),
        (
            [
                sys.executable,
                "-I",
                "-c",
                f"{SERVER}\ndef no(*_, **__): raise OSError(12, 'x')\nos.fork = no\nserver.main()",
            ],
            r"out of memory",
        ),
        (
            [
                sys.executable,
                "-I",
                "-c",
                f"{SERVER}\ndef no(*_, **__): raise confinement.ConfinementError('seccomp: no')\n"
                "confinement.confine = no\nserver.main()",
            ],
            r"could not be started: ConfinementError: seccomp: no",
        ),
    ],
    ids=["no Python", "ends", "no process", "no confinement"],
)
def test_what_cannot_be_started_is_a_fault_of_the_graders(tmp_path: Path, command: list[str], sentence: str) -> None:
    (tmp_path / "a.py").write_text(GOOD)
    broken = Reader(command)
    for _ in range(2):
        with pytest.raises(GraderError, match=sentence):
            read(broken, tmp_path / "a.py")
    broken.close()


def test_a_server_that_was_killed_is_started_again(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(GOOD)
    reader = Reader()
    for _ in range(2):
        assert read(reader, tmp_path / "a.py").problem is None
        assert reader._process is not None
        reader._process.kill()
        reader._process.wait()
    reader.close()


# --- what the judge believes ----------------------------------------------------------------------------------------

HONEST = Submission("alice", "0" * 64, (File("a.py", "x = 1\n", Bindings(frozenset({"x"}))),))


def changed(*steps: int, value: object) -> bytes:
    """Return a model with one value exchanged, that the steps lead to."""
    model = msgspec.json.decode(model_data.encode(HONEST))
    inner = model
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = value
    return msgspec.json.encode(model)


def test_what_is_honest_is_believed() -> None:
    assert described(model_data.decode(model_data.encode(HONEST))) == described(HONEST)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"[" + b"[]," * (limits.MAX_READ_VALUES // 2) + b"[]]",
        b'"' + b"," * (limits.MAX_READ_VALUES + 1) + b'"',
        changed(0, value="alice\x1b[2J"),
        changed(0, value=7),
        changed(1, value="0"),
        changed(2, value=None),
        changed(2, 0, 0, value="Submission"),
        *(
            changed(2, 0, 1, value=path)
            for path in ("/etc/a.py", "../a.py", "a/../../b.py", "", ".", "a\0.py", "a//b.py")
        ),
        changed(2, 0, 1, value="a" * 300),
        changed(2, 0, 2, value=[]),
        changed(2, 0, 3, 0, value=["\x1b[2J"]),
        changed(2, 0, 3, 0, value=[1]),
        changed(2, 0, 3, value=[[], []]),
        changed(3, value=["Clear\x07"]),
    ],
)
def test_what_is_not_a_submission_is_not_believed(data: bytes) -> None:
    with pytest.raises(WireError):
        model_data.decode(data)


def block(index: int, parent: int, *, kind: str = HEADER, first: int | None = None) -> Statement:
    """Return the first line of a block, or another statement."""
    return Statement(("if a:",), Place("a.py", index), kind, parent=parent, block=index if first is None else first)


@pytest.mark.parametrize(
    ("statements", "believed"),
    [
        ([block(0, -1), block(1, 0), block(2, 1, kind=IMPORT, first=-1)], True),
        ([block(0, -1), block(1, -1, first=0)], True),
        ([block(0, 0)], False),
        ([block(0, 7)], False),
        ([block(0, -2)], False),
        ([block(0, -1, kind=IMPORT), block(1, 0)], False),
        ([block(0, -1, first=-1)], False),
        ([block(0, -1), block(1, 0), block(2, -1, first=1)], False),
        ([block(index, index - 1) for index in range(1000)], False),
    ],
    ids=[
        "in each other",
        "parts",
        "in itself",
        "below nothing",
        "before",
        "no header",
        "no first",
        "two places",
        "deep",
    ],
)
def test_blocks_stand_in_blocks_as_they_can(statements: list[Statement], believed: bool) -> None:
    data = model_data.encode(dataclasses.replace(HONEST, _files=(File("a.py", "", statements=statements),)))
    if believed:
        assert list(model_data.decode(data)._files[0].statements) == statements
    else:
        with pytest.raises(WireError):
            model_data.decode(data)


# --- what it costs --------------------------------------------------------------------------------------------------


def test_the_server_imports_nothing_heavy_and_nothing_secret() -> None:
    script = "import sys, grader.sandbox.reading.server; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True).stdout
    heavy = {"torch", "numpy", "PIL", "pytest", "hypothesis", "rich", "typer"}
    parts = (
        "checks",
        "plugin",
        "grading",
        "diagnosis",
        "workbench",
        "diffusion",
        "sandbox.outside",
        "sandbox.workbench",
    )
    assert not {*loaded.split()} & (heavy | {f"grader.{part}" for part in parts})
