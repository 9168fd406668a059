"""Notebooks as submissions: which code is taken, which never is, and where everything is said to be."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.course.finding import find_course
from grader.grading import Grader
from grader.results import Outcome
from grader.submission import limits
from grader.submission.model import Problem, Source, Submission
from grader.submission.reading import read_submission
from helpers.course_factory import make_course, write_files
from helpers.doubling import DOUBLE, GOOD, HALVE, OTHER, exercise_of, problem
from helpers.notebooks import code, notebook, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.outside.server import ForkServer

pytestmark = pytest.mark.light


def read(folder: Path, *cells: str | dict[str, Any], **more: Any) -> Submission:
    path = folder / "work.ipynb"
    path.write_text(notebook(*cells, **more), encoding="utf-8")
    return read_submission(path)


def taken(folder: Path, *cells: str | dict[str, Any], name: str = "double", **more: Any) -> str:
    """Return the code that a worker gets for an exercise."""
    found = read(folder, *cells, **more).source_of(exercise_of(name))
    assert isinstance(found, Source), found
    assert found.modules == {name: "work.ipynb.py"}
    return found.files["work.ipynb.py"]


# What is taken


def test_a_function_is_taken_with_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    cells = [
        "import math\nimport wandb",
        text("# Hello"),
        "N = 2\nM = 3",
        "def twice(x):\n    return N * x",
        "def other(): ...",
    ]
    assert taken(tmp_path, *cells, "def double(number):\n    return twice(number)") == (
        "N = 2\ndef twice(x):\n    return N * x\ndef double(number):\n    return twice(number)\n"
    )


@pytest.mark.parametrize(
    "binding",
    [
        "from math import pi as it",
        "from math import *",
        "import os.path as it",
        "class it:\n    x = 1",
        "async def it(): ...",
        "it = 1",
        "it: int = 1",
        "it = other = (1, [2, {3: -4.0}])",
        "a, it = 1, 2",
        "it = 1\nit += 1",
        "it = {}\nit['a'] = 1",
        "it = 3 * N if N > 1 else None",
        "it = lambda x: print(x)",
        "it = list(range(3))",
        "it = math.sqrt(2)",
        "it = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), dim=0)",
        "it = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "it = [f'a {x}' for x in ('b', 'c')]",
        "try:\n    import it\nexcept ImportError:\n    it = None",
        "it = train()",
        "it = torch.load('x.pt')",
        "it = [f(x) for x in y]",
        "it = (a := 1)",
        "with open('x') as it:\n    pass",
        "if check():\n    it = 1",
        "it = 1\nit = f(it)",
        "it = {}\nit[0] = f()",
        "class it: ...\nit.x.y = f()",
        "if N > 1:\n    def it(): ...\nelse:\n    it = None",
        "@decorated\ndef it(): ...",
        "@property\n# why\n@decorated(1)\ndef it(): ...",
        "def it(): ...\n\n\ndef it(): return 1  # the last one counts",
        "it = 'größer'; other = 2",
    ],
)
def test_what_a_function_needs_is_bound_before_it(tmp_path: Path, binding: str) -> None:
    function = "def double(number):\n    return it"
    kept = taken(tmp_path, binding, function).removesuffix(function + "\n")
    assert kept.split() == binding.replace("; other = 2", "").replace("\n\n\n", "\n").split()


@pytest.mark.parametrize(
    "computed",
    [
        "for it in range(3): ...",
        "while (it := f()): ...",
        "it: int",
        "it = await f()",
        "async with open('x') as it: ...",
        "if __name__ == '__main__': it = 1",
        "it()",
        "assert it",
        "del it",
    ],
)
def test_code_that_only_runs_is_never_run(tmp_path: Path, computed: str) -> None:
    assert taken(tmp_path, computed, "def double(number): return it") == "def double(number): return it\n"


@pytest.mark.parametrize(
    "computed",
    [
        "it.append(f())",
        "it.fill_(f())",
        "for x in y:\n    it += x",
        "for it in y: ...",
        "if a:\n    it.append(f())",
    ],
)
def test_a_value_that_is_changed_by_code_that_is_not_run_is_not_taken(tmp_path: Path, computed: str) -> None:
    function = "def double(number): return it"
    assert taken(tmp_path, "it = 1", computed, function) == function + "\n"
    assert taken(tmp_path, computed, "it = 1", function) == "it = 1\n" + function + "\n"


@pytest.mark.parametrize("trial", ["double = double(3)", "double = run(3)", "double = torch.compile(double)"])
def test_a_result_that_is_called_like_the_function_does_not_replace_it(tmp_path: Path, trial: str) -> None:
    assert taken(tmp_path, GOOD, trial) == GOOD


def test_a_function_that_is_wrapped_later_is_the_wrapped_one(tmp_path: Path) -> None:
    assert taken(tmp_path, GOOD, "double = cached(double)") == GOOD + "double = cached(double)\n"


def test_what_changes_what_a_function_needs_is_taken_too(tmp_path: Path) -> None:
    cells = ["class A: ...", "def f(self): ...\nA.f = f", "@method_of(A)\ndef g(self): ...", "def method_of(c): ..."]
    kept = taken(tmp_path, *cells, "def double(number): return A")
    assert "A.f = f" in kept
    assert "def g(self)" in kept
    assert "def method_of" in kept


def test_future_imports_come_first(tmp_path: Path) -> None:
    kept = taken(tmp_path, "N: Any = 1", "from __future__ import annotations", "def double(number: N): ...")
    assert kept.startswith("from __future__ import annotations\n")


def test_statements_that_share_a_line_are_parted(tmp_path: Path) -> None:
    assert taken(tmp_path, "x = 'ä'; run(); it = ('ö',\n 2); run()", "def double(number): return it") == (
        "it = ('ö',\n 2)\ndef double(number): return it\n"
    )


@pytest.mark.parametrize(
    "magic",
    ["%matplotlib inline", "!pip install x", "!pip install \\\n  x", "double?", "?double", "??double", "x = !ls", "x = %time f()", "%%time", "%%capture out", "%%exercise double", "  "],
)  # fmt: skip
def test_magics_and_shell_lines_are_dropped(tmp_path: Path, magic: str) -> None:
    assert taken(tmp_path, f"{magic}\n{GOOD}") == GOOD


def test_a_block_of_nothing_but_magics_is_a_block(tmp_path: Path) -> None:
    cell = "try:\n    import it\nexcept ImportError:\n    !pip install it\n    %time\n"
    assert "except ImportError:\n    pass\n" in taken(tmp_path, cell + "def double(number): return it")


def test_what_looks_like_a_magic_inside_a_text_or_brackets_stays(tmp_path: Path) -> None:
    cell = 'it = """ # "\n!ls\n%x\n"""\nN = (5\n% 3)\n%magic\ndef double(number): return it, N\n'
    assert taken(tmp_path, cell) == cell.replace("%magic\n", "")


@pytest.mark.parametrize("magic", ["%%bash", "%%writefile double.py", "%%html", "%%timeit"])
def test_a_cell_of_another_language_is_not_read(tmp_path: Path, magic: str) -> None:
    assert problem(read(tmp_path, f"{magic}\n{GOOD}")).startswith("`double` was not found in work.ipynb")


def test_an_indented_cell_is_read_as_notebooks_run_it(tmp_path: Path) -> None:
    assert taken(tmp_path, "\n    def double(number):\n        return 2 * number") == GOOD


def test_lines_in_a_list_and_line_ends_of_other_systems_are_read(tmp_path: Path) -> None:
    assert taken(tmp_path, code(GOOD.replace("\n", "\r\n").splitlines(keepends=True))) == GOOD


def test_format_3_is_read(tmp_path: Path) -> None:
    old = {"cell_type": "code", "language": "python", "input": GOOD, "outputs": [], "collapsed": False}
    sheets = [{"cells": [{"cell_type": "heading", "level": 1, "source": "Hello"}, old]}]
    assert taken(tmp_path, nbformat=3, worksheets=sheets, cells=[]) == GOOD


def test_a_notebook_from_colab_is_read(tmp_path: Path) -> None:
    cell = code(
        GOOD, metadata={"id": "x", "colab": {"base_uri": "y"}}, outputs=[{"output_type": "display_data", "data": {}}]
    )
    metadata = {
        "colab": {"provenance": []},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3"},
        "widgets": {"a": 1},
    }
    assert (
        taken(tmp_path, "from google.colab import drive\ndrive.mount('/x')", cell, metadata=metadata, nbformat_minor=0)
        == GOOD
    )


def test_outputs_of_any_size_do_not_count(tmp_path: Path) -> None:
    assert taken(tmp_path, code(GOOD, outputs=[{"text": "x" * 5_000_000, "data": {"a": [[[]]]}}])) == GOOD


@pytest.mark.parametrize("odd", ["NaN", r'"\ud800"', '"\x01"'])
def test_outputs_that_are_no_json_do_not_matter(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "work.ipynb"
    path.write_text(notebook(code(GOOD, outputs=[12345])).replace("12345", odd))
    assert isinstance(read_submission(path).source_of(DOUBLE), Source)


def test_a_notebook_may_lie_beside_files_that_it_imports(tmp_path: Path) -> None:
    files = {
        "deep/work.ipynb": notebook("from helper import x\ndef double(number): return x"),
        "deep/helper.py": "x = 1",
    }
    found = read_submission(write_files(tmp_path / "alice", dict(files))).source_of(DOUBLE)
    assert isinstance(found, Source)
    assert set(found.files) == {"work.ipynb.py", "helper.py"}


def test_an_untouched_stub_beside_a_notebook_does_not_count(tmp_path: Path) -> None:
    stub = 'def double(number):\n    """Return twice `number`."""\n    raise NotImplementedError\n'
    folder = write_files(tmp_path / "alice", {"double.py": stub, "lesson.ipynb": notebook(GOOD)})
    assert read_submission(folder).source_of(DOUBLE).modules == {"double": "lesson.ipynb.py"}  # type: ignore[union-attr]
    folder = write_files(tmp_path / "bob", {"double.py": GOOD, "lesson.ipynb": notebook(stub)})
    assert read_submission(folder).source_of(DOUBLE).modules == {"double": "double.py"}  # type: ignore[union-attr]


def test_a_function_in_a_notebook_and_in_a_file_is_not_guessed(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "alice", {"work.py": GOOD, "lesson.ipynb": notebook(GOOD.replace("2", "3"))})
    assert problem(read_submission(folder)) == "`double` is defined in lesson.ipynb and in work.py: keep one."


@pytest.mark.parametrize(
    ("path", "module"), [("work.ipynb.py", "work_ipynb.py"), ("work.ipynb.py/a.py", "work_ipynb_py/a.py")]
)
def test_what_has_the_name_of_a_notebooks_module_is_not_overwritten(tmp_path: Path, path: str, module: str) -> None:
    folder = write_files(tmp_path / "alice", {"work.ipynb": notebook(GOOD), path: OTHER})
    found = read_submission(folder).source_of(DOUBLE)
    assert isinstance(found, Source)
    assert found.files == {module: OTHER, "work.ipynb.py": GOOD}
    assert found.modules == {"double": "work.ipynb.py"}
    assert found.places["work.ipynb.py"] == [("work.ipynb, cell 1", 1), ("work.ipynb, cell 1", 2)]


# What is told


def test_a_syntax_error_is_told_by_cell_and_line(tmp_path: Path) -> None:
    submission = read(tmp_path, text("Hello"), "%magic\n\ndef double(number):\n    return = number")
    assert problem(submission) == (
        "work.ipynb has a syntax error in cell 2, line 4 (invalid syntax): correct it.\n        return = number\n               ^"
    )


def test_a_syntax_error_concerns_what_its_cell_defines(tmp_path: Path) -> None:
    submission = read(tmp_path, GOOD + "x = = 1", OTHER)
    assert problem(submission).startswith("work.ipynb has a syntax error in cell 1, line 3")
    assert isinstance(submission.source_of(HALVE), Source)


@pytest.mark.parametrize("broken", ["def twice(x): return = x", "twice = = 1", "import = twice", "class twice(: ..."])
def test_a_syntax_error_in_what_a_function_needs_is_kept_for_when_it_is_missed(tmp_path: Path, broken: str) -> None:
    found = read(tmp_path, broken, "def double(number): return twice(number)").source_of(DOUBLE)
    assert isinstance(found, Source)
    assert found.left_out["twice"].startswith("work.ipynb has a syntax error in cell 1, line 1")


def test_a_syntax_error_in_the_cell_of_an_exercise_concerns_it(tmp_path: Path) -> None:
    assert "syntax error in cell 2" in problem(read(tmp_path, GOOD, "%%exercise double\nreturn = 1"))


def test_a_broken_definition_before_a_good_one_is_forgotten(tmp_path: Path) -> None:
    assert taken(tmp_path, "def double(: ...", GOOD) == GOOD
    assert "syntax error in cell 2" in problem(read(tmp_path, GOOD, "def double(: ..."))


def test_a_function_that_is_bound_by_a_loop_is_told_with_its_place(tmp_path: Path) -> None:
    sentence = problem(read(tmp_path, "\nfor double in functions: ..."))
    assert sentence.endswith("It is assigned in work.ipynb, cell 1, line 2, in code that is not run.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        ("hello", "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        ("[]", "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        ('{"nbformat": 4, "cells": [{}]}', "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        ("[" * 100_000, "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        ('{"x": ' * 100_000, "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        (b"\xff\xfe".decode("latin-1"), "work.ipynb is not a notebook, or is damaged: save it with Jupyter."),
        ('{"nbformat": 2}', "work.ipynb has format 2, which is not supported: save it with a current Jupyter."),
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_told(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "work.ipynb").write_text(content, encoding="latin-1")
    assert problem(read_submission(tmp_path / "work.ipynb")) == sentence


def test_what_is_no_notebook_spoils_no_other_file(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "alice", {"work.ipynb": "", "a.py": GOOD})
    assert isinstance(read_submission(folder).source_of(DOUBLE), Source)


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_NOTEBOOK_BYTES", 100), ("MAX_FILE_BYTES", 30), ("MAX_READ_BYTES", 99)]
)
def test_too_much_is_a_problem_of_every_exercise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(limits, limit, value)
    submission = read(tmp_path, GOOD, OTHER)
    assert problem(submission).startswith("work.ipynb ")
    assert problem(submission, HALVE) == problem(submission)


@pytest.mark.parametrize(
    "hostile",
    [
        "x = " + "(" * 90_000, "x = " + "-" * 90_000 + "1", "x = '\0'", "x;" * 100_000, "=".join(f"x{i}" for i in range(20_000)) + "=1",
        "'" * 200_001, "(" * 100_000 + "\n%x" * 1000, "\n".join(f"def f{i}(): f{i + 1}()" for i in range(10_000)),
    ],
    ids=lambda value: value[:8],
)  # fmt: skip
def test_hostile_cells_spoil_no_other(tmp_path: Path, hostile: str) -> None:
    assert taken(tmp_path, hostile, GOOD) == GOOD


@given(cells=st.lists(st.text(max_size=60) | st.text("%!?()'\"\\#\n =x:", max_size=60), max_size=4))
def test_any_cells_end_in_a_source_or_a_problem(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    submission = read(tmp_path_factory.mktemp("any"), *cells, GOOD)
    assert isinstance(submission.source_of(DOUBLE), Source | Problem)


@given(
    content=st.binary(max_size=100)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.dictionaries(st.sampled_from(["nbformat", "cells", "worksheets", "cell_type", "source"]), inner)
            | st.lists(inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_content_ends_in_a_problem(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "double.ipynb"
    path.write_bytes(content)
    assert isinstance(read_submission(path).source_of(DOUBLE), Problem)


# The digest


def test_the_digest_depends_on_the_code_alone(tmp_path: Path) -> None:
    plain = read(tmp_path, GOOD, OTHER)
    dressed = read(
        tmp_path, text("Hello"), "%magic", code(GOOD, outputs=["x"]), "grade.check('double')", OTHER, metadata={"a": 1}
    )
    assert dressed.sha256 == plain.sha256
    assert read(tmp_path, GOOD, OTHER + "x = 1").sha256 != plain.sha256
    assert read(tmp_path, GOOD, OTHER, "x = = 1").sha256 != read(tmp_path, GOOD, OTHER, "x = = 2").sha256


CHECK = "assert double(2) == 4\ngrader.check('double')"


@pytest.mark.parametrize("cells", [[GOOD], [CHECK, GOOD], [GOOD, CHECK, CHECK], [CHECK.replace("4", "5"), GOOD]])
def test_check_cells_make_no_difference(tmp_path: Path, cells: list[str]) -> None:
    before, after = read(tmp_path, GOOD, CHECK), read(tmp_path, *cells)
    assert after.sha256 == before.sha256
    assert taken(tmp_path, *cells) == GOOD


# In a worker


@pytest.fixture
def graded(tmp_path: Path, server: ForkServer) -> Callable[..., Any]:
    course = find_course(make_course(tmp_path / "course"))

    def grade(path: Path) -> Any:
        return Grader(course, server).grade(read_submission(path), course.exercises)

    return grade


@pytest.mark.torch
def test_the_same_work_gets_the_same_verdict_in_every_form(tmp_path: Path, graded: Callable[..., Any]) -> None:
    for source, outcome in ((GOOD, Outcome.PASSED), (GOOD.replace("2 *", "1 *"), Outcome.FAILED)):
        write_files(tmp_path, {"work.py": source, "work.ipynb": notebook("%magic", source), "folder/work.py": source})
        with zipfile.ZipFile(tmp_path / "work.zip", "w") as packed:
            packed.writestr("folder/work.py", source)
        verdicts = [graded(tmp_path / name) for name in ("work.py", "work.ipynb", "folder", "work.zip")]
        told = [
            [(c.name, c.outcome, c.message, c.counterexample, c.diagnosis) for c in v.exercises[0].checks]
            for v in verdicts
        ]
        assert told == [told[0]] * 4
        assert {verdict.outcome for verdict in verdicts} == {outcome}
        assert len({verdict.submission.sha256 for verdict in verdicts if verdict.submission.name != "work.ipynb"}) == 1


@pytest.mark.torch
def test_a_traceback_names_cell_and_line(tmp_path: Path, graded: Callable[..., Any]) -> None:
    cells = [
        text("Hello"),
        "def twice(x):\n    y = x\n    return 1 / 0\n",
        "%%exercise double\n\ndef double(number):\n    return twice(number)",
    ]
    (tmp_path / "work.ipynb").write_text(notebook(*cells))
    assert graded(tmp_path / "work.ipynb").exercises[0].checks[0].message == (
        "`double` raised ZeroDivisionError: division by zero\n"
        "  work.ipynb, cell 3, line 4 in `double`:\n      return twice(number)\n"
        "  work.ipynb, cell 2, line 3 in `twice`:\n      return 1 / 0"
    )


@pytest.mark.torch
def test_a_failing_import_names_cell_and_line(tmp_path: Path, graded: Callable[..., Any]) -> None:
    (tmp_path / "work.ipynb").write_text(notebook("\nimport not_there", "def double(number): return not_there"))
    message = graded(tmp_path / "work.ipynb").exercises[0].checks[0].message
    assert message.startswith("Importing your file raised ModuleNotFoundError: No module named 'not_there'")
    assert "work.ipynb, cell 1, line 2:" in message


@pytest.mark.torch
def test_a_name_that_is_computed_elsewhere_is_pointed_out(tmp_path: Path, graded: Callable[..., Any]) -> None:
    (tmp_path / "work.ipynb").write_text(notebook("two = run()", "def double(number): return two * number"))
    message = graded(tmp_path / "work.ipynb").exercises[0].checks[0].message
    assert "work.ipynb, cell 1, line 1, which failed (NameError: name 'run' is not defined)." in message
