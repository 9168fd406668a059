"""Code that fails in a process that grades: what no function needs does no harm, and of the rest a student hears why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.sandbox.outside.failures import SubmissionError, SubmissionStopped
from grader.sandbox.outside.session import Session
from grader.submission.model import Problem, Submission
from grader.submission.reading import read_submission
from helpers.cells import file_of, notebook_of
from helpers.course_factory import write_files
from helpers.doubling import DOUBLE, GOOD
from helpers.notebooks import text

if TYPE_CHECKING:
    from grader.sandbox.outside.server import ForkServer

# Right too, in a notebook and in a file to which one was exported; other code in them fails in a process that grades.
FAILING: dict[str, list[str]] = {
    "a missing import that nothing needs": ["import not_there_at_all", GOOD],
    "a missing star import that nothing needs": ["from not_there_at_all import *", GOOD],
    "a missing star import beside one that is needed": [
        "from not_there_at_all import *\nfrom math import *",
        "def double(n): return int(sqrt(4)) * n",
    ],
    "a missing import in a try with a call": [
        "try:\n    import math\n    import not_there_at_all\n    not_there_at_all.init()\nexcept ImportError:\n    run()",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "a drive that is mounted": ["from google.colab import drive\ndrive.mount('/content')", GOOD],
    "a call of the kernel": ["get_ipython().run_line_magic('matplotlib', 'inline')", GOOD],
    "a shell line": ["!pip install not_there_at_all\n%matplotlib inline", GOOD],
    "a shell line in a block": [
        "try:\n    import math\nexcept ImportError:\n    !pip install math",
        "def double(n): return int(math.sqrt(4)) * n",
    ],
    "a check that fails": [GOOD, "assert double(2) == 5"],
    "a picture that is missing": [GOOD, "print(open('picture.png').read())"],
    "a question": [GOOD, "n = int(input('n? '))\nprint(double(n))"],
    "an exit": [GOOD, "import sys\nsys.exit(0)"],
    "a result with the function's name": [GOOD, "double = double(3)\nassert double == 7"],
    "a result with the function's name and nothing else": [GOOD, "double = double(3)"],
    "another result with the function's name": [GOOD, "double = sum([1, 2])"],
    "a parameter like a global that fails": [
        "class DDPMScheduler: pass\nnoise_scheduler = DDPMScheduler(1000)\nalphas_cumprod = noise_scheduler.alphas_cumprod",
        "def double(n, alphas_cumprod=2): return alphas_cumprod * n",
    ],
    "a local like a global that fails": [
        "a = missing()\n(x_0, y), noise = missing()",
        "def double(n):\n    a = 2\n    (x_0, y), noise = (a, n), 1\n    return x_0 * y * noise",
    ],
    "a value that a branch would use": [
        "model = missing()",
        "def double(n, debug=False):\n    if debug:\n        print(model)\n    return 2 * n",
    ],
    "a helper that draws": [
        "import matplotlib_is_not_there as plt",
        "def show(x): plt.imshow(x)",
        "def double(n): return 2 * n",
        "show(double(2))",
    ],
    "a token of Colab in the environment": [
        "from google.colab import userdata\nimport os\nTOKEN = userdata.get('HF')\nos.environ['HF'] = TOKEN",
        "def double(n):\n    os.getcwd()\n    return 2 * n",
    ],
    "a first value that fails": ["N = missing()\nN = 2", "def double(n): return N * n"],
    "a name that only the kernel has": ["display(1)\nOut[1]", GOOD],
    "a raise at the end": [GOOD, "raise SystemExit('stop here')"],
}  # fmt: skip


def call(server: ForkServer, submission: Submission, **options: Any) -> Any:
    """Return what a worker makes of 21, or what a student is told."""
    found = submission.source_of(DOUBLE)
    if isinstance(found, Problem):
        return found.sentence
    session = Session(
        server,
        found.files,
        found.modules,
        call_seconds=5,
        places=found.places,
        left_out=found.left_out,
        optional=found.optional,
        definitions=found.definitions,
        **options,
    )
    try:
        record = session.call("double", [21], {})
    except (SubmissionError, SubmissionStopped) as error:
        return str(error)
    finally:
        session.close()
    return record.result if record.error is None else str(record.error)


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("form", [file_of, notebook_of], ids=["file", "notebook"])
def test_code_that_no_function_needs_may_fail(tmp_path: Path, server: ForkServer, name: str, form: Any) -> None:
    assert call(server, form(tmp_path, FAILING[name])) == 42


def test_a_forbidden_import_that_the_function_does_not_need_may_fail(tmp_path: Path, server: ForkServer) -> None:
    for form in (file_of, notebook_of):
        assert call(server, form(tmp_path, ["import wave", GOOD]), forbidden=["wave"]) == 42
        needed = form(tmp_path, ["import wave", "def double(n): return wave"])
        assert "`wave` may not be imported in this exercise" in call(server, needed, forbidden=["wave"])


def test_a_helper_that_fails_is_read_by_the_definitions_that_others_ask_of_it(
    tmp_path: Path, server: ForkServer
) -> None:
    helper = "import not_there_at_all\ndef twice(n): return 2 * n\ndef show(n): not_there_at_all.show(n)\nshow(1)\n"
    for use in (
        "from helper import twice\ndef double(n): return twice(n)\n",
        "import helper\ndef double(n): return helper.twice(n)\n",
        "from helper import *\ndef double(n): return twice(n)\n",
        "from .helper import twice\ndef double(n): return twice(n)\n",
    ):
        folder = write_files(tmp_path / "work", {"helper.py": helper, "work.py": use})
        assert call(server, read_submission(folder)) == 42


def test_a_file_whose_import_succeeds_is_imported_whole(tmp_path: Path, server: ForkServer) -> None:
    cells = ["TABLE = {}\nfor n in range(50):\n    TABLE[n] = 2 * n", "def double(n): return TABLE[n]"]
    assert call(server, file_of(tmp_path, cells)) == 42
    assert "NameError: name 'TABLE' is not defined. It is assigned in work.ipynb, cell 1, line 2" in call(
        server, notebook_of(tmp_path, cells)
    )


def test_a_file_that_never_ends_is_read_by_its_definitions(
    tmp_path: Path, server: ForkServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.sandbox.limits.LOAD_CPU_SECONDS", 0.3)
    assert call(server, file_of(tmp_path, [GOOD, "while True: pass"])) == 42


# What is said: cells, and what the message about the notebook holds.
SAID: dict[str, tuple[list[Any], str]] = {
    "a missing import": (
        ["\nimport not_there", "def double(n): return not_there.f(n)"],
        "No module named 'not_there'. `not_there` is not installed where your work is graded, and is not among the files handed in.\n  work.ipynb, cell 1, line 2:",
    ),
    "a value that fails": (
        ["\nmodel = [][1]", "def double(n): return model(n)"],
        "name 'model' is not defined. It is bound in work.ipynb, cell 1, line 2, which failed (IndexError: list index out of range).\n  work.ipynb, cell 2, line 1",
    ),
    "a value that needs one that fails": (
        ["import not_there\nmodel = not_there.f()", "vae = model.vae", "def double(n): return vae(n)"],
        "work.ipynb, cell 2, line 1, which failed (NameError: name 'model' is not defined). It is bound in work.ipynb, cell 1, line 2, which failed (NameError: name 'not_there' is not defined). It is bound in work.ipynb, cell 1, line 1, which failed (ModuleNotFoundError",
    ),
    "a decorator that fails": (
        ["x = 1\ndef deco(k): return [][k]", "@deco(1)\ndef double(n): return n"],
        "Importing your file raised IndexError: list index out of range\n  work.ipynb, cell 2, line 1",
    ),
    "a loop": (["for k in (1, 2): pass", "def double(n): return k * n"], "It is assigned in work.ipynb, cell 1, line 1, in code that is not run."),
    "a function that sets it": (
        ["def setup():\n    global scheduler\n    scheduler = 2", "setup()", "def double(n): return scheduler * n"],
        "It is set by `setup` (work.ipynb, cell 1, line 1), which nothing calls first: assign it outside of it.",
    ),
    "a run file": (
        ["\n%run helpers.py", "def double(n): return twice(n)"],
        "work.ipynb, cell 1, line 2 runs helpers.py (`%run`), and magics are dropped: copy what you need of it into a cell.",
    ),
    "a written file": (
        ["%%writefile helpers.py\ndef twice(n): return 2 * n", "def double(n): return twice(n)"],
        "work.ipynb, cell 1 only writes it to helpers.py (`%%writefile`): delete that line",
    ),
    "a written file that is imported": (
        ["%%writefile helpers.py\ndef twice(n): return 2 * n", "from helpers import twice\ndef double(n): return twice(n)"],
        "No module named 'helpers'. work.ipynb, cell 1 only writes it to helpers.py (`%%writefile`): delete that line",
    ),
    "a written exercise": (["%%writefile double.py\n" + GOOD], "work.ipynb, cell 1 only writes it to double.py (`%%writefile`)"),
    "a cell of text": ([text("My answer:\n\n    def double(n):\n        return 2 * n")], "work.ipynb, cell 1 holds it, but that is a cell of text: make it a cell of code."),
    "a raw cell": ([{"cell_type": "raw", "source": GOOD, "metadata": {}}], "work.ipynb, cell 1 holds it, but that is a cell of text"),
    "a helper in a cell of text": ([text("```\ndef twice(n): return n\n```"), "def double(n): return twice(n)"], "name 'twice' is not defined. work.ipynb, cell 1 holds it"),
    "a helper in a broken cell": (
        ["def twice(n): return = n", "def double(n): return twice(n)"],
        "name 'twice' is not defined. work.ipynb has a syntax error in cell 1, line 1 (invalid syntax): correct it.",
    ),
    "a question": (["n = input('n? ')", "def double(k): return n * k"], "EOFError"),
    "a question in the function": (["def double(n): return n * int(input('k? '))"], "Nobody answers `input()` while your work is graded"),
    "a file that is missing": (["def double(n): return open('table.txt')"], "Where your work is graded there are no files but your Python files and notebooks."),
    "a bar for browsers": (["from tqdm.notebook import tqdm", "def double(n):\n    for _ in tqdm(range(2)): pass\n    return 2 * n"], "`tqdm.notebook` needs a browser: import `tqdm` from `tqdm.auto`."),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_what_lies_elsewhere_is_pointed_out(tmp_path: Path, server: ForkServer, name: str) -> None:
    cells, said = SAID[name]
    assert said in call(server, notebook_of(tmp_path, cells))


def test_a_package_that_fails_is_read_by_its_definitions(tmp_path: Path, server: ForkServer) -> None:
    files: dict[str, Any] = {
        "tools/__init__.py": "import not_there_at_all\ndef twice(n): return 2 * n\n",
        "work.py": "from tools import twice\ndef double(n): return twice(n)\n",
    }
    assert call(server, read_submission(write_files(tmp_path / "work", files))) == 42


def test_what_is_not_a_function_is_named(tmp_path: Path, server: ForkServer) -> None:
    for form in (file_of, notebook_of):
        assert call(server, form(tmp_path, ["double = 2 + int('1')"])) == (
            "Importing your file raised TypeError: `double` is not a function but of type int"
        )


@pytest.mark.parametrize("run", ["%run helpers.py", "get_ipython().run_line_magic('run', 'helpers.py')"])
def test_a_file_that_another_one_was_run_in_says_so(tmp_path: Path, server: ForkServer, run: str) -> None:
    said = call(server, file_of(tmp_path, [run, "def double(n): return twice(n)"]))
    assert "name 'twice' is not defined. work.py, line 1 runs helpers.py (`%run`), and magics are dropped" in said
