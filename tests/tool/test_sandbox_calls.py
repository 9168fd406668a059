"""Calls of a submission's functions in workers: what comes back, what files import, and what an exception says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from grader.course.model import Function
from grader.sandbox import limits
from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.remote import RemoteSubmission
from helpers.sandbox import FUNCTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.outside.session import Session


# --- plain calls ---


def test_a_call_returns_what_the_function_returns(answer: Callable[..., Any]) -> None:
    assert torch.equal(answer("def answer(value): return value * 2", torch.ones(2)), torch.full((2,), 2.0))


def test_the_callers_arguments_stay_as_they_are_and_the_changed_ones_can_be_seen(
    session: Callable[..., Session],
) -> None:
    table = torch.zeros(2)
    remote = RemoteSubmission(session("def answer(value, other): value.add_(other); print('hello')"), (FUNCTION,))
    call = remote.answer.called_with(table, other=3)
    assert torch.equal(table, torch.zeros(2))
    assert torch.equal(call.arguments["value"], torch.full((2,), 3.0))
    assert call.arguments["other"] == 3
    assert call.printed == "hello\n"


def test_keywords_become_positions_so_that_students_may_rename_parameters(session: Callable[..., Session]) -> None:
    remote = RemoteSubmission(session("def answer(a, b): return a - b"), (FUNCTION,))
    assert remote.answer(value=3, other=1) == 2


def test_a_function_that_the_stub_lacks_is_an_error_of_the_check(session: Callable[..., Session]) -> None:
    with pytest.raises(AttributeError, match="no function `other`"):
        RemoteSubmission(session("def answer(): pass"), (FUNCTION,)).other()


@pytest.mark.parametrize(
    ("returns", "expression", "expected"),
    [
        ("int", "np.int64(3)", 3),
        ("int", "torch.tensor(3)", 3),
        ("float", "torch.tensor(0.5)", 0.5),
        ("float", "np.float64(0.5)", 0.5),
        ("float", "1", 1.0),
        ("torch.Tensor", "torch.nn.Parameter(torch.ones(1))", torch.ones(1)),
        ("None", "'ignored'", None),
    ],
)
def test_a_result_counts_in_any_reasonable_spelling(
    session: Callable[..., Session], returns: str, expression: str, expected: Any
) -> None:
    function = Function("answer", (), returns, "")
    source = f"import numpy as np, torch\ndef answer(): return {expression}"
    result = RemoteSubmission(session(source), (function,)).answer()
    assert type(result) is type(expected)
    assert result == expected


@pytest.mark.parametrize(
    ("returns", "expression", "sentence"),
    [
        ("int", "1.0", "`answer` returned a float; it must return an int."),
        ("int", "True", "`answer` returned a bool; it must return an int."),
        (
            "int",
            "None",
            "`answer` returned None; it must return an int. Is its `return` missing, or is its end reached without one?",
        ),
        ("torch.Tensor", "[1.0]", "`answer` returned a list; it must return an ordinary torch.Tensor."),
        ("torch.Tensor", "np.ones(2)", "`answer` returned a NumPy array; it must return an ordinary torch.Tensor."),
        ("torch.Tensor", "Odd(torch.ones(2))", "`answer` returned an Odd; it must return an ordinary torch.Tensor."),
    ],
)
def test_a_result_of_another_kind_fails_in_a_sentence(
    session: Callable[..., Session], returns: str, expression: str, sentence: str
) -> None:
    function = Function("answer", (), returns, "")
    source = f"import numpy as np, torch\nclass Odd(torch.Tensor): pass\ndef answer(): return {expression}"
    with pytest.raises(SubmissionError) as caught:
        RemoteSubmission(session(source), (function,)).answer()
    assert str(caught.value) == sentence


def test_equal_calls_meet_other_random_numbers_within_an_example_and_the_same_when_it_is_replayed(
    session: Callable[..., Session],
) -> None:
    source = "import random, numpy, torch\ndef answer(): return [random.random(), float(numpy.random.rand()), float(torch.rand(()))]"
    opened = session(source)
    remote = RemoteSubmission(opened, (FUNCTION,))
    first, second = remote.answer(), remote.answer()
    opened.transcript.begin_example()
    assert all(a != b for a, b in zip(first, second, strict=True))
    assert [remote.answer(), remote.answer()] == [first, second]


def test_the_transcript_holds_the_calls_of_the_example_and_some_of_those_before(
    session: Callable[..., Session],
) -> None:
    opened = session("def answer(value): return -value")
    remote = RemoteSubmission(opened, (FUNCTION,))
    opened.transcript.begin_check()
    remote.answer(1)
    opened.transcript.begin_example()
    remote.answer(2)
    (call,) = opened.transcript.example
    assert (call.question.call.function, call.result, call.question.arguments()) == ("answer", -2, ([2], {}))
    assert [earlier.result for earlier in opened.transcript.sample] == [-1]


# --- files of a submission ---


def test_files_import_each_other_from_their_folder_and_from_the_root(answer: Callable[..., Any]) -> None:
    files = {
        "lesson/work.py": "from .near import one\nimport near\nfrom tools.far import two\ndef answer(): return one + two + near.one",
        "lesson/near.py": "one = 1",
        "tools/far.py": "two = 2",
    }
    assert answer(files) == 4


def test_relative_imports_work_at_the_top_of_a_submission_too(answer: Callable[..., Any]) -> None:
    assert (
        answer(
            {
                "work.py": "from .near import one\nfrom . import near\ndef answer(): return one + near.one",
                "near.py": "one = 1",
            }
        )
        == 2
    )


def test_torch_compile_is_no_obstacle(answer: Callable[..., Any]) -> None:
    source = "import torch\ndef answer(value): return torch.compile(lambda x: x * 2)(value)"
    assert answer(source, torch.ones(1)).item() == 2


def test_temporary_files_are_made_in_the_private_folder(answer: Callable[..., Any]) -> None:
    source = "import os, tempfile\ndef answer():\n    with tempfile.NamedTemporaryFile() as file: return os.path.dirname(file.name) == os.getcwd()"
    assert answer(source) is True


def test_a_module_called_random_harms_nobody_but_its_author(answer: Callable[..., Any]) -> None:
    files = {"work.py": "import torch\ndef answer(): return float(torch.rand(()))", "random.py": "raise SystemExit"}
    assert 0 <= answer(files) < 1
    assert answer({"random.py": "import random\ndef answer(): return random.Random(1).random() > 0"}) is True


# --- exceptions ---


def test_an_exception_comes_back_with_the_students_lines_only(answer: Callable[..., Any]) -> None:
    source = "import torch\ndef helper(x):\n    return torch.ones(2) @ x\n\ndef answer(x):\n    return helper(x)\n"
    with pytest.raises(SubmissionError) as caught:
        answer(source, torch.ones(3))
    assert caught.value.error == "RuntimeError"
    assert [(line.file, line.line, line.function) for line in caught.value.lines] == [
        ("work.py", 6, "answer"),
        ("work.py", 3, "helper"),
    ]
    assert "return torch.ones(2) @ x" in str(caught.value)
    assert "site-packages" not in str(caught.value)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "MemoryError", "RecursionError"])
def test_any_exception_is_the_submissions_own(answer: Callable[..., Any], name: str) -> None:
    with pytest.raises(SubmissionError, match=name):
        answer(f"def answer(): raise {name}")


def test_skipping_from_inside_is_an_exception_like_any_other(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="Skipped"):
        answer("import pytest\ndef answer(): pytest.skip('please')")


def test_an_unwritten_function_says_so(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError) as caught:
        answer("def answer(): raise NotImplementedError")
    assert str(caught.value) == "`answer` is not written yet."


def test_a_file_that_cannot_be_imported_says_why_and_where(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionStopped) as caught:
        answer("import torch\nx = torch.oens(3)\ndef answer(): pass")
    assert "Importing your file raised AttributeError" in str(caught.value)
    assert "work.py, line 2" in str(caught.value)


def test_a_forbidden_import_is_refused_with_a_sentence(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionStopped, match="`colorsys` may not be imported in this exercise"):
        answer("import colorsys\ndef answer(): pass", forbidden=("colorsys",))
    with pytest.raises(SubmissionError, match="`wave` may not be imported in this exercise"):
        answer("def answer():\n    import wave", forbidden=("wave",))


@pytest.mark.confined
@pytest.mark.parametrize("module", ["wave", "wsgiref", "concurrent.futures"])
def test_a_forbidden_module_is_out_of_reach_even_around_the_refusal(answer: Callable[..., Any], module: str) -> None:
    source = f"""
import importlib, sys
def answer():
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "grader.sandbox.inside.worker"]
    [sys.modules.pop(name) for name in list(sys.modules) if name.startswith("{module}")]
    return importlib.import_module("{module}").__name__
"""
    assert answer(source) == module
    with pytest.raises(SubmissionError, match=f"(PermissionError|ModuleNotFoundError).*{module.rpartition('.')[2]}"):
        answer(source, forbidden=(module,))


def test_other_parameters_than_the_statements_are_answered_with_the_signature(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match=r"It is called as in the statement: def answer\(value, other\)"):
        answer("def answer(value): pass", 1, 2)


def test_a_class_in_the_functions_place_is_named_as_such(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="`answer` is a class; it must be a function"):
        answer("class answer: pass")


def test_endless_recursion_shows_its_line_once(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError) as caught:
        answer("def answer():\n    return answer()")
    assert len(caught.value.lines) == 1


def test_a_broken_repr_of_an_exception_breaks_nothing(answer: Callable[..., Any]) -> None:
    with pytest.raises(SubmissionError, match="Odd"):
        answer("class Odd(Exception):\n    def __str__(self): raise ValueError\ndef answer(): raise Odd")


def test_printing_without_end_is_cut(session: Callable[..., Session]) -> None:
    source = "def answer():\n    for n in range(1000): print(n, 'x' * 995)"
    call = RemoteSubmission(session(source), (FUNCTION,)).answer.called_with()
    first, *rest = call.printed.splitlines()
    assert len(call.printed) <= limits.MAX_PRINTED
    assert first.startswith("... (9")
    assert first.endswith("characters before this are left out)")
    assert rest[-1].startswith("999 ")
