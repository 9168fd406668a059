"""What people hand in gets the verdict of their code, in a file and in a notebook alike."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.submission.model import Problem, Source, Submission
from grader.submission.notebook.reading import read_cells
from helpers.cells import file_of, notebook_of
from helpers.doubling import DOUBLE, GOOD

pytestmark = pytest.mark.light


def answer(submission: Submission) -> Any:
    """Return what the code that is taken, run in this process, makes of 21, or why it cannot be graded."""
    found = submission.source_of(DOUBLE)
    if isinstance(found, Problem):
        return found.sentence
    module = found.modules["double"]
    namespace: dict[str, Any] = {"__name__": "work", "display": print}
    exec(compile(found.files[module], module, "exec"), namespace)
    return namespace["double"](21)


# Cells that a notebook and, one below the other, a file may hold. All are right.
RIGHT: dict[str, list[str]] = {
    # Blocks
    "a call in the handler of an import": [
        "try:\n    import math\nexcept ImportError:\n    import subprocess\n    subprocess.run(['pip', 'install', 'math'])",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "a call after an import in a try": [
        "try:\n    import math\n    print(math.pi)\nexcept ImportError:\n    pass",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "an import after a missing one in a try": [
        "try:\n    import not_there_at_all\nexcept ImportError:\n    print('no')\nimport math",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "the question whether this is Colab": [
        "import sys\nif 'google.colab' in sys.modules:\n    from google.colab import drive\n    drive.mount('/x')\nelse:\n    import math",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "a flag that an import sets": [
        "try:\n    import google.colab\n    IN_COLAB = True\nexcept ImportError:\n    IN_COLAB = False",
        "def double(n): return n if IN_COLAB else 2 * n",
    ],
    "a flag that a name of the kernel sets": [
        "try:\n    get_ipython\n    SHELL = True\nexcept NameError:\n    SHELL = False",
        "def double(n): return n if SHELL else 2 * n",
    ],
    "a flag in the else of a try": [
        "try:\n    import math\nexcept ImportError:\n    FACTOR = 1\nelse:\n    FACTOR = 2\nfinally:\n    print('done')",
        "def double(n): return FACTOR * n",
    ],
    "an import with warnings caught": [
        "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n    import math",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "an import with errors suppressed": [
        "import contextlib\nFACTOR = 2\nwith contextlib.suppress(ImportError):\n    import not_there_at_all\n    FACTOR = 3",
        "def double(n): return FACTOR * n",
    ],
    "functions in branches": [
        "import sys\nif sys.version_info < (3, 0):\n    def twice(n): return n\nelif sys.version_info < (2, 0):\n    twice = None\nelse:\n    print('new')\n    def twice(n): return 2 * n",
        "def double(n): return twice(n)",
    ],
    "a block on one line": [
        "try: import math; print(1)\nexcept ImportError: math = None",
        "if 1: a = 1; b = 2",
        "def double(n): return b * n if math else n",
    ],
    "a block in a block": [
        "try:\n    if True:\n        print('x')\n        import math\n    else:\n        import not_there_at_all as math\nexcept ImportError:\n    raise",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "a text of several lines in a block": [
        'if True:\n    TEXT = """a\n b"""\n    print(TEXT)',
        "def double(n): return (len(TEXT) - 2) * n",
    ],
    # Names that are not needed
    "a parameter like a failing global": [
        "abar = 3",
        "def double(n, abar=2): return abar * n",
    ],
    "a local like a global": ["x = 1", "def double(n):\n    x = 2\n    return x * n"],
    "variables of a comprehension": ["k = 3", "def double(n): return sum(k for k in (n, n))"],
    "a constant whose name a check uses": [
        "N = 2",
        "def double(n): return N * n",
        "assert all(double(N) == 2 * N for N in (1, 10, 50))",
    ],
    "a constant whose name a lambda uses": [
        "N = 2",
        "def double(n): return N * n",
        "print(list(map(lambda N: N + 1, [1])))",
    ],
    "a star import that nothing needs": ["from math import *", GOOD],
    "a local annotation of a missing type": ["def double(n):\n    m: Missing = 2 * n\n    return m"],
    "annotations that are texts": ["from __future__ import annotations", "def double(n: Missing) -> Missing: return 2 * n"],
    # Definitions that are calls
    "a named tuple": [
        "from collections import namedtuple\nPair = namedtuple('Pair', 'a b')",
        "def double(n): return sum(Pair(n, n))",
    ],
    "an enumeration": [
        "from enum import Enum\nM = Enum('M', 'ONE TWO')",
        "def double(n): return M.TWO.value * n",
    ],
    "a type variable": ["from typing import TypeVar\nT = TypeVar('T')", "def double(n: T) -> T: return 2 * n"],
    "a logger": [
        "import logging\nlog = logging.getLogger('x')",
        "def double(n):\n    log.debug(n)\n    return 2 * n",
    ],
    "the environment": [
        "import os\nFACTOR = int(os.environ.get('NOT_THERE', 2))",
        "def double(n): return FACTOR * n",
    ],
    "a table made by an own function": [
        "def table(k):\n    return [2 * i for i in range(k)]",
        "TABLE = table(50)",
        "def double(n): return TABLE[n]",
    ],
    "a table that is set item by item": ["TABLE = {}\nTABLE[21] = int('42')", "def double(n): return TABLE[n]"],
    "a value that is added to": ["N = 1\nN += int('1')", "def double(n): return N * n"],
    "display": ["def double(n):\n    display(n)\n    return 2 * n"],
    # Functions of another kind
    "a dispatched function": [
        "from functools import singledispatch",
        "@singledispatch\ndef double(n): raise NotImplementedError",
        "@double.register\ndef _(n: int): return 2 * n",
        "@double.register(list)\ndef _(n): return n * 2",
    ],
    "a partial function": [
        "from functools import partial\nimport operator",
        "double = partial(operator.mul, 2)",
    ],
    "a partial function of its own name": [
        "from functools import partial",
        "def double(n, k): return k * n",
        "double = partial(double, k=2)",
    ],
    "a function made by a call": [
        "def times(k):\n    def f(n): return k * n\n    return f",
        "double = times(2)",
    ],
    "an object that can be called": [
        "class Doubler:\n    def __call__(self, n): return 2 * n",
        "double = Doubler()",
    ],
    "an object of a model": [
        "class Model:\n    def __init__(self): self.k = 2\n    def forward(self, n): return self.k * n\nmodel = Model()",
        "def train(m): m.k = 3\ntrain_later = train",
        "def double(n): return model.forward(n)",
    ],
    "a lambda": ["double = lambda n: 2 * n"],
    "an annotated lambda": ["from typing import Callable\ndouble: Callable = lambda n: 2 * n"],
    "a decorated function": [
        "import functools\ndef noisy(f):\n    @functools.wraps(f)\n    def g(*a):\n        return f(*a)\n    return g",
        "@noisy\ndef double(n): return 2 * n",
    ],
    "a decorator with arguments": [
        "import functools",
        "@functools.lru_cache(maxsize=None)\ndef double(n): return 2 * n",
    ],
    "several names at once": ["def make(k): return lambda n: k * n", "double, triple = make(2), make(3)"],
    "a method set later": [
        "class A: pass",
        "def f(self, n): return 2 * n\nA.f = f",
        "def double(n): return A().f(n)",
    ],
    "another name of it": ["def twice(n): return 2 * n", "double = twice"],
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("form", [file_of, notebook_of], ids=["file", "notebook"])
def test_right_work_gives_the_right_answer(tmp_path: Path, name: str, form: Any) -> None:
    assert answer(form(tmp_path, RIGHT[name])) == 42


@pytest.mark.parametrize("name", RIGHT)
def test_the_definitions_of_a_file_are_enough(tmp_path: Path, name: str) -> None:
    found = file_of(tmp_path, RIGHT[name]).source_of(DOUBLE)
    assert isinstance(found, Source)
    namespace: dict[str, Any] = {"__name__": "work", "display": print}
    exec(compile(found.definitions["work.py"].text, "work.py", "exec"), namespace)
    assert namespace["double"](21) == 42


# Cells that are not Python, above or below a function that needs `math` and N.
NOT_PYTHON = {
    "a scratch cell": "x = math.sqrt(",
    "a shell command": "pip install math",
    "a list of files": "ls -la data",
    "a change of folder": "cd /content",
    "notes after an import": "import math\nthis is what I tried first: double(2) was 5",
    "an import once more": "import math\nx = = 1",
    "a constant once more": "N = 2\nx = (",
    "another constant": "N = 3\nx = (",
    "a use of the function": "double(2",
    "its name in prose": "here I define double: def double in words",
    "a method of its name": "class A:\n    def double(self): return = 1",
    "an answer in words": "Yes, because the variance is 1.",
    "a traceback": "Traceback (most recent call last):\n  File x, line 1\nNameError: name 'double' is not defined",
}


@pytest.mark.parametrize("name", NOT_PYTHON)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_a_cell_that_is_not_python_spoils_nothing(tmp_path: Path, name: str, above: bool) -> None:
    good = ["import math\nN = 2", "def double(n): return int(math.sqrt(N * N)) * n"]
    cells = [NOT_PYTHON[name], *good] if above else [*good, NOT_PYTHON[name]]
    assert answer(notebook_of(tmp_path, cells)) == 42


@pytest.mark.parametrize(
    "command", ["pip install x", "conda install x", "ls", "cd data", "matplotlib inline", "load_ext autoreload"]
)
def test_a_command_without_its_sign_is_dropped(tmp_path: Path, command: str) -> None:
    assert answer(notebook_of(tmp_path, [f"{command}\n{GOOD}"])) == 42


def test_prompts_of_an_interpreter_are_taken_off(tmp_path: Path) -> None:
    cell = ">>> def double(n):\n...     return 2 * n\n...\n>>> N = 2"
    assert answer(notebook_of(tmp_path, [cell])) == 42


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="it is Python here")
@pytest.mark.parametrize(
    "newer", ["type Number = int", "def double[T](n: T): return n", "x = f'{d['a']}'", "class A[T]: ..."]
)
@pytest.mark.parametrize("form", [file_of, notebook_of], ids=["file", "notebook"])
def test_syntax_of_a_newer_python_is_named(tmp_path: Path, newer: str, form: Any) -> None:
    said = answer(form(tmp_path, [f"{newer}\n{GOOD}"]))
    assert f"it may be Python 3.12, and your work is graded with Python 3.{sys.version_info[1]}." in said


# What a worker never sees.
@pytest.mark.parametrize(
    ("cells", "never"),
    [
        (["from not_there import *", GOOD], "not_there"),
        (["number = run()", GOOD], "run"),
        (["try:\n    import math\n    run()\nexcept ImportError:\n    run()", "def double(n): return math"], "run"),
        (["with quiet():\n    run()\n    import math", "def double(n): return math"], "run"),
        (["import math\nmath.pi = run()", "def double(n): return math"], "run"),
        (["import math\nmath = run(1)", "def double(n): return math"], "run"),
        (["if check():\n    def other(): ...", GOOD], "check"),
        (["model = Model()\nrun(model)", "def double(n): return model"], "run"),
        (["@run.register\ndef other(n): ...", GOOD], "run"),
        (["def other(): return run", "def double(n):\n    def other(): ...\n    return other()"], "run"),
    ],
)
def test_what_no_function_needs_is_not_taken(tmp_path: Path, cells: list[str], never: str) -> None:
    found = notebook_of(tmp_path, cells).source_of(DOUBLE)
    assert isinstance(found, Source)
    assert never not in found.files["work.ipynb.py"]


SIMPLE = st.sampled_from(
    [
        "import math",
        "a = 1",
        "b = f(a); c = 2",
        "run()",
        "pass",
        "a.b()",
        "raise ValueError",
        "def f():\n    return a",
        "t = '''\n x\n'''",
        "# why",
        "@g\ndef h(n): ...",
        "for i in x: y = i",
    ]
)


@st.composite
def blocks(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    heads = draw(
        st.sampled_from(
            [["if a:"], ["if a:", "else:"], ["if a:", "elif b:", "else:  # x"], ["try:", "except E as e:"],
             ["try:", "except (E, F):", "else:", "finally:"], ["with a as d:"], ["try:", "finally:"]]
        )
    )  # fmt: skip
    parts = []
    for head in heads:
        body = "\n".join(draw(st.lists(inner, min_size=1, max_size=3)))
        if draw(st.booleans()) and "\n" not in body and not body.startswith(("for", "#", "if", "try", "with")):
            parts.append(f"{head.partition('#')[0].rstrip()} {body}")
        else:
            parts.append(f"{head}\n" + "\n".join(f"    {line}" for line in f"{body}\npass".split("\n")))
    return "\n".join(parts)


@given(
    cell=st.recursive(SIMPLE, blocks, max_leaves=8),
    names=st.sets(st.sampled_from(["a", "b", "c", "f", "h", "math", "e", "d", "t"])),
)
@example(cell="try:\n    import math\nexcept E as e:\n    pass", names={"e"})
@example(cell="with open() as a:\n    pass", names={"a"})
@example(cell="if (a := 1):\n    pass\nelse:\n    b = 1", names={"a"})
def test_what_is_taken_of_any_blocks_is_python(cell: str, names: set[str]) -> None:
    notebook = read_cells("work", [("cell 1", cell)])
    taken = notebook.taken(sorted(names))
    compile(taken.text, "work", "exec")
    assert not notebook.faults
    for line, place in zip(taken.text.split("\n"), taken.places, strict=False):
        original = cell.split("\n")[place.line - 1]
        assert line.strip() == "pass" or line.strip() in original
