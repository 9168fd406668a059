"""Exercises checked inside a real kernel, and whole notebooks run in a confined one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

import grader
from grader.desk.request import Request
from grader.desk.warm.client import WarmJudge
from grader.desk.warm.place import Place, shared_place
from grader.errors import GraderError, UsageError
from grader.notebook import execute
from grader.results import Outcome
from grader.sandbox import limits
from grader.sandbox.outside.server import Isolation
from helpers.course_factory import make_course, write_files
from helpers.judges import is_locked
from helpers.notebooks import notebook
from helpers.patience import ENDLESS, wait_until
from helpers.questions import ANSWERS, QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helpers.command import Command

RIGHT = "def double(number):\n    return 2 * number"
HINTS = """schema = "grader.hints/1"
[exercises]
double = ["Think of twice.", "Add it to itself."]
"""
PROJECT = Path(__file__).parents[2]
MOST_MEBIBYTES = 1500  # of 4 GB that are sent
WRONG = "def double(number):\n    return number"
# The judges that a kernel has for itself, by their process ids: an expression for one of its cells.
JUDGES = """[
    int(child) for child in open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split()
    if b"grader.desk.warm.server" in open(f"/proc/{child}/cmdline", "rb").read()
]"""
# Interrupts the kernel when the judge has begun, which by then waits for a function that has no end.
INTERRUPTED = """
import signal, msgspec
from grader.desk.warm import client, messages
real = client.WarmJudge.ask
def ask(self, asked, heard):
    def interrupt(message):
        if isinstance(message, messages.Begun):
            os.kill(os.getpid(), signal.SIGINT)
    return real(self, msgspec.structs.replace(asked, call_seconds=100_000.0), interrupt)
client.WarmJudge.ask = ask
"""
REACHES_FOR_THE_JUDGE = """%%exercise double
import os, socket
def double(number):
    def connect():
        socket.socket(socket.AF_UNIX).connect({socket!r})
    for reach in (
        lambda: os.listdir({folder!r}), lambda: open({key!r}), lambda: os.unlink({socket!r}), connect,
        lambda: os.rename({folder!r}, {folder!r} + "-old"), lambda: os.chmod({folder!r}, 0o777),
    ):
        try:
            reach()
        except PermissionError:
            continue
        raise RuntimeError("the judge was reached")
    return 2 * number
"""


class Kernel(NamedTuple):
    """A kernel that lies in a course; `run` runs a cell and returns its outputs."""

    run: Callable[[str], list[Any]]
    course: Path
    judge: Place


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Return a kernel whose judge is the shared one, in a folder of the test's own."""
    course = make_course(tmp_path_factory.mktemp("course"))
    empty = new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    client = NotebookClient(
        empty,
        timeout=ENDLESS,
        startup_timeout=ENDLESS,
        iopub_timeout=ENDLESS,
        allow_errors=True,
        resources={"metadata": {"path": course / "exercises/numbers"}},
    )
    client.reset_execution_trackers()

    def run_cell(source: str) -> list[Any]:
        cell = new_code_cell(source)
        client.nb.cells.append(cell)
        client.execute_cell(cell, len(client.nb.cells) - 1)
        return list(cell.outputs)

    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory(prefix="g-") as folder:
        for name in ("GRADE_DAEMON", "CI"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        place = shared_place(course)
        assert place is not None
        try:
            with client.setup_kernel():
                [said] = run_cell("import os\n%load_ext grader")
                assert said.text == f"grader: Doubling, step by step ({course}, lesson numbers)\n"
                yield Kernel(run_cell, course, place)
        finally:
            place.socket.unlink(missing_ok=True)
            wait_until(lambda: not is_locked(place.lock), "The judge goes on without its socket.")


@pytest.fixture(scope="module")
def run(kernel: Kernel) -> Callable[[str], list[Any]]:
    return kernel.run


def shown(outputs: list[Any]) -> tuple[str, str]:
    """Return the text and the HTML of a verdict, which is all that a cell has shown."""
    [output] = outputs
    assert output.output_type == "display_data", output
    return output.data["text/plain"], output.data["text/html"]


def test_a_wrong_cell_is_told_what_is_wrong_and_a_right_one_passes(run: Callable[[str], list[Any]]) -> None:
    text, html = shown(run(f"%%exercise double\n{WRONG}"))
    assert "0 of 10 points" in text
    assert "The number is returned as it is." in text
    assert "\x1b" not in text
    for said in ("0 of 10 points", '<th scope="row">number</th>', "<b>The number is returned as it is.</b>"):
        assert said in html
    text, html = shown(run(f"%%exercise double\n{RIGHT}"))
    assert "10 of 10 points" in text
    assert "<b>The number is returned as it is.</b>" not in html
    assert "10 of 10 points" in html


def test_a_line_answers_a_question_and_means_what_is_written(kernel: Kernel) -> None:
    files = {"exercises/numbers/questions.toml": QUESTIONS, "reference/numbers/questions/answers.toml": ANSWERS}
    write_files(kernel.course, files)
    try:
        assert "`{x}` is not a number" in shown(kernel.run("x = 6\n%answer twice_three {x}"))[0]
        text, html = shown(kernel.run("%answer twice_three 6"))
        assert text == "Right. Three and three more."
        assert text in html
    finally:
        for path in (*files, "exercises/numbers/answers.toml"):
            (kernel.course / path).unlink()


def test_a_terminal_is_answered_by_the_judge_that_the_notebook_started(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.run(f"%%exercise double\n{WRONG}")
    monkeypatch.setattr(WarmJudge, "_start", None)  # whoever starts another one breaks
    judge = WarmJudge(kernel.course)
    judge._place = kernel.judge
    (kernel.course / "exercises/numbers/double.py").write_text(RIGHT)
    verdict = judge.ask(Request(folder=str(kernel.course), exercises=("numbers/double",)))
    assert verdict.outcome is Outcome.PASSED


@pytest.mark.confined
def test_what_a_cell_defines_cannot_reach_the_judge(kernel: Kernel) -> None:
    place = kernel.judge
    source = REACHES_FOR_THE_JUDGE.format(folder=str(place.folder), key=str(place.key), socket=str(place.socket))
    assert "10 of 10 points" in shown(kernel.run(source))[0]


def test_an_interrupted_cell_takes_its_question_back(run: Callable[[str], list[Any]]) -> None:
    run(INTERRUPTED)
    text, raised = run("%%exercise double\ndef double(number):\n    while True: pass")
    assert text.data["text/plain"] == "Interrupted: nothing was checked."
    assert (raised.output_type, raised.ename) == ("error", "KeyboardInterrupt")
    run("client.WarmJudge.ask = real")
    assert "10 of 10 points" in shown(run(f"%%exercise double\n{RIGHT}"))[0]


@pytest.mark.confined  # /proc says which process the judge is
def test_where_no_judge_may_stay_the_kernel_has_one_that_ends_with_it(run: Callable[[str], list[Any]]) -> None:
    def judges() -> str:
        return str(run(JUDGES)[0].data["text/plain"])

    assert judges() == "[]"
    run("os.environ['GRADE_DAEMON'] = 'off'")
    assert "10 of 10 points" in shown(run(f"%%exercise double\n{RIGHT}"))[0]
    before = judges()
    run(f"%%exercise double\n{RIGHT}")
    assert judges() == before != "[]"
    run("from grader.notebook.extension import extension_here\nextension_here()._judge.close()")
    assert judges() == "[]"
    run("del os.environ['GRADE_DAEMON']")


def test_the_functions_of_a_checked_cell_are_there_afterwards(run: Callable[[str], list[Any]]) -> None:
    run(f"%%exercise double\nleft = 3\n{RIGHT}")
    assert run("double(left)")[0].data["text/plain"] == "6"


def test_nothing_else_of_the_kernel_changes(run: Callable[[str], list[Any]]) -> None:
    run(f"names = None\nnames = set(globals())\n{RIGHT}")
    run(f"%%exercise double\n{RIGHT}")
    new = run("sorted(name for name in set(globals()) - names if not name.startswith('_'))")
    assert new[0].data["text/plain"] == "[]"


def test_what_earlier_cells_define_counts(run: Callable[[str], list[Any]]) -> None:
    run("def twice(x):\n    return x + x")
    assert "10 of 10 points" in shown(run("%%exercise double\ndef double(number):\n    return twice(number)"))[0]


def test_check_takes_what_cells_have_defined_so_far(run: Callable[[str], list[Any]]) -> None:
    run(WRONG)
    assert "0 of 10 points" in shown(run("import grader\ngrader.check('double')"))[0]
    run(RIGHT)
    assert "10 of 10 points" in shown(run("grader.check('double')"))[0]


def test_a_cell_that_raises_is_shown_and_not_checked(run: Callable[[str], list[Any]]) -> None:
    [output] = run("%%exercise double\n\n1 / 0")
    assert (output.output_type, output.ename) == ("error", "ZeroDivisionError")
    assert re.search(
        r"line 3|-> 3 ", re.sub(r"\x1b\[[\d;]*m", "", "\n".join(output.traceback))
    )  # IPython 8 and 9, or 7


def test_a_traceback_of_a_check_names_the_cell_by_its_prompt(run: Callable[[str], list[Any]]) -> None:
    [prompt] = run("len(In)")
    text, _ = shown(run("%%exercise double\ndef double(number):\n    return 1 / 0"))
    assert f"the notebook, cell [{int(prompt.data['text/plain'])}], line 3 in `double`:" in text


def test_what_a_student_writes_is_text_in_the_page(run: Callable[[str], list[Any]]) -> None:
    _, html = shown(
        run(
            "%%exercise double\ndef double(number):\n    print('<b>')\n    raise ValueError('<script>alert(1)</script>')"
        )
    )
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "&lt;b&gt;" in html


def test_a_failed_assertion_of_ones_own_is_shown_and_the_verdict_too(run: Callable[[str], list[Any]]) -> None:
    raised, verdict = run(f"%%exercise double\n{WRONG}\nassert double(2) == 4, 'not yet'")
    assert (raised.output_type, raised.ename) == ("error", "AssertionError")
    assert "The number is returned as it is." in verdict.data["text/plain"]


def test_check_without_a_name_takes_what_was_defined_last(run: Callable[[str], list[Any]]) -> None:
    run(RIGHT)
    assert "10 of 10 points" in shown(run("import grader\ngrader.check()"))[0]


def test_check_all_shows_a_card_of_the_lesson(run: Callable[[str], list[Any]]) -> None:
    run(f"%%exercise double\n{RIGHT}")
    text, html = shown(run("import grader\ngrader.check_all()"))
    assert "10 of 10 points" in text
    assert "1 of 1 exercises passed" in html
    assert "<script" not in html


def test_hints_come_one_by_one_and_are_counted(run: Callable[[str], list[Any]]) -> None:
    hints = "exercises/numbers/hints.toml"
    run(f"import pathlib\npathlib.Path('../../{hints}').write_text({HINTS!r})")
    first, html = shown(run("%grader hint double"))
    assert "Hint 1 of 2: Think of twice." in first
    assert "run `%grader hint double` again" in first
    assert "Think of twice." in html
    assert "Hint 2 of 2: Add it to itself." in shown(run("%grader hint double"))[0]


def test_the_place_of_a_mistake_is_named_by_its_cell_and_offered_after_failed_tries(kernel: Kernel) -> None:
    rubric = kernel.course / "rubrics/numbers.toml"
    before, offer = rubric.read_text(), "`%grader locate double` looks for the line where the mistake is."
    rubric.write_text(before.replace("points = ", "locate_after = 2\npoints = ", 1))
    try:
        kernel.run(f"%%exercise double\n{RIGHT}")  # which begins the count anew
        offered = [offer in text for _ in range(2) for text in shown(kernel.run(f"%%exercise double\n{WRONG}"))]
    finally:
        rubric.write_text(before)
    assert offered == [False, False, True, True]
    text, html = shown(kernel.run("%grader locate double"))
    assert re.match(r"Look at the notebook, cell \[\d+\], line \d: `number`\n", text)
    assert "Twice two is four." in html


def test_the_course_can_be_told_and_what_is_found_is_said(run: Callable[[str], list[Any]], tmp_path: Path) -> None:
    other = make_course(tmp_path / "other", ["letters/triple"])
    [before] = run("%grader course")
    assert run(f"%grader course {tmp_path}")[0].text.startswith("There is no course at")
    assert run(f"%grader course {other}")[0].text == f"grader: Doubling, step by step ({other})\n"
    assert "called `double`: the lessons are letters." in shown(run("import grader\ngrader.check('double')"))[0]
    assert run("%grader course .")[0].text == before.text


def test_what_is_packed_is_graded_and_its_own_words_are_not_a_mark(
    run: Callable[[str], list[Any]], tmp_path: Path, command: Command
) -> None:
    run(f"%%exercise double\n{RIGHT}")  # it passes, and then something else is handed in
    run(f"%%exercise double\n{WRONG}")
    [said] = run("import grader\ngrader.handin()")
    assert "handin-numbers.zip is written" in said.text
    assert "Checked here: 0 passed, double not." in said.text
    place = Path(re.search(r", in (.+)\. Hand in", said.text)[1]) / "handin-numbers.zip"  # type: ignore[index]
    with zipfile.ZipFile(place) as archive:
        assert json.loads(archive.read("handin.json"))["passed"] == []
        forged = tmp_path / "hands-in" / "ada.zip"
        forged.parent.mkdir()
        with zipfile.ZipFile(forged, "w") as other:
            other.writestr("numbers.ipynb", archive.read("numbers.ipynb"))
            other.writestr("handin.json", json.dumps({"schema": "grader.handin/1", "passed": ["double"]}))
    course = make_course(tmp_path / "course")
    done = command.run("double", "--submission", place, cwd=course)
    assert "The number is returned as it is." in done.stdout
    again = command.run("double", "--submission", forged, cwd=course)
    assert "0 of 10 points" in again.stdout


def test_a_notebook_that_lacks_what_was_run_since_is_not_packed(
    run: Callable[[str], list[Any]], tmp_path: Path
) -> None:
    run(f"%%exercise double\n{RIGHT}")
    run("%%exercise doubel\nx = 1")  # there is no such exercise, so nothing of it can be missing
    (tmp_path / "lesson.ipynb").write_text(notebook("x = 1"))
    run(f"__vsc_ipynb_file__ = {str(tmp_path / 'lesson.ipynb')!r}")
    assert "lesson.ipynb is not saved" in run("import grader\ngrader.handin()")[0].text
    (tmp_path / "lesson.ipynb").write_text(notebook(f"%%exercise double\n{RIGHT}"))
    assert "is written" in run("grader.handin()")[0].text
    run("del __vsc_ipynb_file__")


def test_the_set_up_says_ready_goes_to_the_lesson_and_may_run_again(run: Callable[[str], list[Any]]) -> None:
    for _ in range(2):
        [said] = run("from grader.notebook.setting_up import ready\nready('numbers')")
        assert said.text.startswith(f"ready: grader {grader.__version__}, Doubling, step by step (")
    assert run("os.path.basename(os.getcwd())")[0].data["text/plain"] == "'numbers'"


@pytest.mark.parametrize(("name", "sentence"), [("doubel", "did you mean `double`?"), ("", "Write its name")])
def test_an_unknown_exercise_is_told(run: Callable[[str], list[Any]], name: str, sentence: str) -> None:
    assert sentence in shown(run(f"%%exercise {name}\nx = 1"))[0]


def test_outside_of_a_notebook_check_says_so() -> None:
    with pytest.raises(UsageError, match="works only in a notebook"):
        grader.check("double")


# Whole notebooks


def why(*cells: str) -> str:
    return execute.why_it_does_not_run("work.ipynb", notebook(*cells).encode(), Isolation.AUTO)


def test_a_notebook_that_runs_runs() -> None:
    assert (
        why(
            "%matplotlib inline\n!exit 1",
            "x = 1\nopen('mine', 'w').write('x')",
            "import grader\ngrader.check('double')\nassert x == 1",
        )
        == ""
    )


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("def f():\n    return 1 / 0\n\nf()", "cell 2, line 4 raised ZeroDivisionError: division by zero"),
        ("%%exercise double\n\n1 / 0", "cell 2, line 3 raised ZeroDivisionError: division by zero"),
        ("import not_there", "cell 2, line 1 imports something that is not installed: No module named 'not_there'."),
        ("name = input()", "cell 2, line 1 asks for input, but nobody can answer"),
        ("import os\nos._exit(0)", "cell 2 did not finish: the process that ran the notebook ended unexpectedly"),
        pytest.param("x = bytearray(8 * 2**30)", "cell 2, line 1 raised MemoryError", marks=pytest.mark.confined),
        pytest.param("open('/etc/passwd')", "cell 2, line 1 raised PermissionError", marks=pytest.mark.confined),
        ("x = = 1", "cell 2, line 1 raised SyntaxError: invalid syntax"),
        ("for i in range(2000): open(str(i), 'w').close()\nwhile True: pass", "cell 2 wrote more than 64 MiB, or 1000 files."),
    ],
)  # fmt: skip
def test_a_notebook_that_does_not_run_gets_a_sentence(cell: str, sentence: str) -> None:
    assert why("x = 1", cell, "y = 2").startswith(f"work.ipynb does not run from top to bottom: {sentence}")


OF_IPYTHON_8 = """
ZeroDivisionError                         Traceback (most recent call last)
Cell In[2], line 4
      1 def f():
----> 4 f()
Cell In[2], line 2, in f()
----> 2     return 1 / 0
"""
OF_IPYTHON_7 = """
ZeroDivisionError                         Traceback (most recent call last)
~/ipykernel_22209/1235321923.py in <cell line: 0>()
      2     return 1 / 0
----> 4 f()
~/ipykernel_22209/1235321923.py in f()
----> 2     return 1 / 0
"""
SYNTAX_OF_IPYTHON_7 = """
  File "/tmp/grade-ks_sj4ih/ipykernel_23296/1843956808.py", line 4
    x = = 1
"""


@pytest.mark.parametrize("said", [OF_IPYTHON_8, OF_IPYTHON_7, SYNTAX_OF_IPYTHON_7])
def test_the_cells_own_line_is_found_in_tracebacks_of_old_and_new_kernels(said: str) -> None:
    assert execute._line(CellExecutionError(said, "ZeroDivisionError", "division by zero")) == ", line 4"


def test_a_cell_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CELL_SECONDS", 1)
    assert why("while True: pass", "y = 2") == (
        "work.ipynb does not run from top to bottom: cell 1 was stopped after 1 seconds: does it contain an endless loop?"
    )


REACHES = """
import os, socket
for reach in (
    lambda: open("/etc/passwd"),
    lambda: socket.socket(socket.AF_INET),
    lambda: socket.socket(socket.AF_UNIX).connect("kernel-ipc-1"),
    lambda: os.fork(),
    lambda: os.kill(os.getppid(), 9),
):
    try:
        reach()
    except PermissionError:
        continue
    raise RuntimeError("something outside was reached")
"""


@pytest.mark.confined
def test_a_cell_reaches_nothing_outside() -> None:
    assert why(REACHES) == ""


def test_a_kernel_sees_nothing_of_the_judges_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADE_SECRET", "x")
    assert why("import os\nassert 'GRADE_SECRET' not in os.environ") == ""


def test_a_kernel_that_does_not_start_is_the_graders_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute.sys, "executable", "/bin/false")
    with pytest.raises(GraderError, match="could not be started"):
        why("x = 1")


def test_a_folder_is_left_behind_by_no_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute.tempfile, "tempdir", str(tmp_path))
    why("x = 1")
    assert list(tmp_path.iterdir()) == []


def test_a_right_notebook_that_does_not_run_is_no_pass(tmp_path: Path, command: Command) -> None:
    course = make_course(tmp_path / "course")
    write_files(tmp_path, {"runs.ipynb": notebook(RIGHT), "stops.ipynb": notebook(RIGHT, "1 / 0"), "right.py": RIGHT})

    def grade(*arguments: str) -> tuple[int, str]:
        done = command.run(*arguments, cwd=course)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    status, said = grade("--submission", "../stops.ipynb", "--execute")
    assert status == 1
    assert "stops.ipynb does not run from top to bottom: cell 2, line 1 raised ZeroDivisionError" in said
    assert grade("--submission", "../runs.ipynb", "--execute")[0] == 0
    assert grade("--submission", "../right.py", "--execute") == (
        2,
        "grade: --execute runs a notebook: give one with --submission.",
    )


SENDS = """
import json
kernel = get_ipython().kernel
def send(kind, content, buffers=()):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent(), buffers=list(buffers))
"""
FLOODS = {
    "buffers of messages": "part = bytes(20_000_000)\nfor _ in range(200): send('comm_msg', {'comm_id': 'x', 'data': {}}, [part])",
    "one message of many buffers": "part = bytes(30_000_000)\nsend('comm_msg', {'comm_id': 'x', 'data': {}}, [part] * 200)",
    "state of widgets": (
        "for number in range(200):\n"
        "    data = {'state': {'value': 'x' * 10_000_000}, 'buffer_paths': []}\n"
        "    send('comm_open', {'comm_id': str(number), 'target_name': 'jupyter.widget', 'data': data})"
    ),
}


@pytest.mark.thorough
@pytest.mark.confined
@pytest.mark.parametrize("flood", FLOODS)
def test_what_the_judge_holds_of_a_running_notebook_is_bounded(flood: str, tmp_path: Path) -> None:
    (tmp_path / "work.ipynb").write_text(notebook(SENDS, FLOODS[flood]))
    script = str(PROJECT / "tests" / "helpers" / "execute_notebook.py")
    done = subprocess.run([sys.executable, script, tmp_path / "work.ipynb"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["said"] == (
        "work.ipynb does not run from top to bottom: cell 2 shows more than 32 MB with the cells before it: print less."
    )
    assert found["mebibytes"] < MOST_MEBIBYTES


@pytest.mark.confined
def test_a_notebook_with_widgets_runs() -> None:
    send = "send('comm_open', {'comm_id': 'x', 'target_name': 'jupyter.widget', 'data': {'state': {'a': 1}}}, [b'x'])"
    assert execute.why_it_does_not_run("work.ipynb", notebook(SENDS, send).encode(), Isolation.STRICT) == ""
