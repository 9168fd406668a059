"""The solutions and the known mistakes of the course are taken alike of a file and of a notebook."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.results import Outcome
from grader.submission.model import Source
from grader.submission.reading import read_submission
from helpers.archives import zipped
from helpers.cells import file_of, notebook_of
from helpers.course_factory import write_files
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from grader.course.model import Exercise
    from grader.sandbox.outside.server import ForkServer

COURSE = find_course(Path(__file__).parents[2])
OTHER = ["import not_there_at_all", "!pip install x", "model = not_there_at_all.train()", "for x in y: z = x"]


def _solution(exercise: Exercise) -> Path:
    return COURSE.root / "reference" / exercise.lesson / exercise.name / "solution.py"


def _plain(text: str) -> set[str]:
    """Return the statements of a text, without comments and documentation, in any order."""
    return {ast.unparse(node) for node in ast.parse(text).body if not isinstance(node, ast.Expr)}


@pytest.mark.parametrize("exercise", COURSE.in_code, ids=lambda exercise: exercise.name)
def test_a_solution_is_taken_alike_of_a_file_and_of_a_notebook(exercise: Exercise, tmp_path: Path) -> None:
    text = _solution(exercise).read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = text.split("\n")
    starts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1 for node in tree.body]
    cells = ["\n".join(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    (tmp_path / "work.py").write_text(text, encoding="utf-8")

    whole = read_submission(tmp_path / "work.py").source_of(exercise)
    parted = notebook_of(tmp_path, [*OTHER, *cells, *OTHER]).source_of(exercise)

    assert isinstance(whole, Source)
    assert isinstance(parted, Source)
    assert parted.modules.keys() == whole.modules.keys()
    taken = _plain(parted.files["work.ipynb.py"])
    assert taken == _plain(whole.definitions["work.py"].text)
    assert taken <= _plain(text)
    assert not parted.left_out


def _as_file(folder: Path, code: str) -> Path:
    (folder / "work.py").write_text(code, encoding="utf-8")
    return folder / "work.py"


def _as_notebook(folder: Path, code: str) -> Path:
    (folder / "work.ipynb").write_text(notebook(*OTHER, code, *OTHER), encoding="utf-8")
    return folder / "work.ipynb"


def _as_folder(folder: Path, code: str) -> Path:
    return write_files(folder, {"hw-main/src/work.py": code, "hw-main/README.md": "My work."})


def _as_archive(folder: Path, code: str) -> Path:
    (folder / "alice.ZIP").write_bytes(zipped({"hw-main/src/work.py": code}))
    return folder / "alice.ZIP"


def _as_archive_in_folder(folder: Path, code: str) -> Path:
    write_files(folder / "handed in", {"hw (1).zip": zipped({"work-1.py": code})})
    return folder / "handed in"


def _as_notebook_in_archive(folder: Path, code: str) -> Path:
    (folder / "alice.zip").write_bytes(zipped({"notebooks/Untitled (1).ipynb": notebook(*OTHER, code)}))
    return folder / "alice.zip"


FORMS = (_as_file, _as_notebook, _as_folder, _as_archive, _as_archive_in_folder, _as_notebook_in_archive)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", COURSE.in_code, ids=lambda exercise: exercise.name)
def test_a_solution_has_one_verdict_in_every_form(exercise: Exercise, tmp_path: Path, model_server: ForkServer) -> None:
    code = _solution(exercise).read_text(encoding="utf-8")
    grader = Grader(COURSE, model_server, lessons=[exercise.lesson])
    verdicts = {}
    for form in FORMS:
        (tmp_path / form.__name__).mkdir()
        verdict = grader.grade(read_submission(form(tmp_path / form.__name__, code)), [exercise])
        verdicts[form.__name__] = [(check.name, check.outcome) for check in verdict.exercises[0].checks]
    assert set(map(tuple, verdicts.values())) == {tuple(verdicts["_as_file"])}
    assert Outcome.FAILED not in dict(verdicts["_as_file"]).values()


# As public notebooks of this field are: nothing here runs where work is graded, and nothing of it is needed.
AROUND = [
    "!pip install -q diffusers accelerate\n%matplotlib inline",
    "import torch\nimport matplotlib_is_not_there as plt\nfrom fastai_is_not_there.all import *\nfrom google.colab import drive",
    "try:\n    import google.colab\n    IN_COLAB = True\n    drive.mount('/content/drive')\nexcept ImportError:\n    IN_COLAB = False",
    "noise_scheduler = DDPMScheduler(num_train_timesteps=1000)\nalphas_cumprod = noise_scheduler.alphas_cumprod\nnoise, x_0 = make()",
    "pip install x",
]  # fmt: skip
BELOW = [
    "plt.plot(add_noise(1, 2, 3, 4))\nadd_noise = add_noise(1, 2, 3, 4)",
    "for epoch in range(10**9):\n    x_0 = next(iter(train_dataloader))",
]


@pytest.mark.parametrize("form", [file_of, notebook_of], ids=["file", "notebook"])
def test_the_code_of_a_lesson_around_it_costs_nothing(tmp_path: Path, server: ForkServer, form: Any) -> None:
    exercise = COURSE.select(["add_noise"])[0]
    submission = form(tmp_path, [*AROUND, _solution(exercise).read_text(encoding="utf-8"), *BELOW])
    verdict = Grader(COURSE, server, lessons=[exercise.lesson]).grade(submission, [exercise])
    assert (verdict.points, verdict.max_points) == (10, 10), verdict.exercises[0].checks[0].message
