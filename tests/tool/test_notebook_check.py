"""What would mislead a student in a notebook is found by name, and what would not is left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from grader.authoring.linting.check import RULES, check
from helpers.course_factory import make_course
from helpers.notebooks import notebook, text

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command import Command

TABLE = "import torch\n\ntable = torch.nn.Embedding(5, 2)\n"
# Of every rule: cells with one defect, the cell and the line where it is; then cells that do the same thing right.
DEFECTS: dict[str, tuple[list[Any], tuple[int, int], list[Any]]] = {
    "syntax": (["x = 1", "y = 2\nif x:"], (2, 2), ["x = 1", "%time y = 2\nif x:\n    !ls"]),
    "undefined-name": (
        ["def late():\n    return defined_later", "print(n)", "n = defined_later = 3"],
        (2, 1),
        ["def late():\n    return defined_later", "files = !ls\n%time n = 3\nprint(n, files)", "defined_later = 3"],
    ),
    "import": (
        ["import torch\nimport no_such_module"],
        (1, 2),
        ["%pip install -q no-such-module\ntry:\n    import another\nexcept ImportError:\n    another = None",
         "import numpy, torch\nimport no_such_module.inner"],
    ),
    "table-row": (
        [f"{TABLE}table.weight[3].requires_grad_(True)"],
        (1, 4),
        [f"{TABLE}table.weight.requires_grad_(True)\nlayers = [table]\nlayers[0].requires_grad_(False)"],
    ),
    "unmarked-blank": (
        ["x = ..."],
        (1, 1),
        ["# TODO: the mean\nx = ...", text("# Task\nYour turn: complete this."), "y = ___", "a = [1]\nb = a[0], Ellipsis"],
    ),
    "picture": (
        [text("# A picture\n![a curve](pictures/curve.png)")],
        (1, 2),
        [text("# A picture\n![a curve](data:image/png;base64,AAAA)\n```\n![not shown](there.png)\n```")],
    ),
    "stub": (
        ["%%exercise double\ndef double(value):\n    return 2 * value"],
        (1, 2),
        ["%%exercise double\ndef double(number: float) -> float:\n    return 2 * number"],
    ),
    "filled-in": (
        ["def mean(x):\n    # YOUR CODE HERE\n    return x.sum() / len(x)"],
        (1, 2),
        ["def mean(x):\n    # YOUR CODE HERE\n    raise NotImplementedError", "# TODO: try other numbers\n"],
    ),
    "number": (
        [text("# Sampling\nWith `steps = 50` it is sharp."), "steps = 30"],
        (1, 2),
        [text("# Sampling\nWith `steps = 50` it is sharp, with `eta = 0` the same."), "steps = 50"],
    ),
    "promised-equality": (
        [
            "import torch\nfrom diffusers import AutoencoderKL\nvae = AutoencoderKL()\nx = torch.zeros(1, 3, 8, 8)",
            "a = vae.encode(x).latent_dist.sample()\nb = vae.encode(x).latent_dist.mode()\nassert torch.allclose(a, b)",
        ],
        (2, 3),
        [
            "import torch\nfrom diffusers import AutoencoderKL\nvae = AutoencoderKL()\nx = torch.zeros(1, 3, 8, 8)",
            "a = vae.encode(x).latent_dist.mode()\nb = vae.encode(x).latent_dist.mode()\nassert torch.allclose(a, b)",
            "torch.manual_seed(0)\na = vae.encode(x).latent_dist.sample()\nassert torch.allclose(a, a + 0)",
        ],
    ),
    "random-data": (
        [f"{TABLE}images = torch.randn(4, 2)\n(table.weight.mean() * images).mean().backward()"],
        (1, 4),
        [f"{TABLE}noise = torch.randn(4, 2)\n(table.weight.mean() * noise).mean().backward()", "images = torch.randn(4)"],
    ),
    "two-pipelines": (
        [
            "from diffusers import StableDiffusionPipeline, StableDiffusionImg2ImgPipeline",
            "pipe = StableDiffusionPipeline.from_pretrained('x').to('cpu')",
            "other = StableDiffusionImg2ImgPipeline.from_pretrained('x')",
        ],
        (3, 1),
        [
            "from diffusers import StableDiffusionPipeline, StableDiffusionImg2ImgPipeline",
            "pipe = StableDiffusionPipeline.from_pretrained('x')\nother = StableDiffusionImg2ImgPipeline(**pipe.components)",
            "del pipe\npipe = StableDiffusionImg2ImgPipeline.from_pretrained('y', unet=other.unet)",
        ],
    ),
    "mixed-dtypes": (
        [
            "import torch\nfrom diffusers import AutoencoderKL, UNet2DConditionModel",
            "unet = UNet2DConditionModel.from_pretrained('x', torch_dtype=torch.float16)",
            "vae = AutoencoderKL.from_pretrained('x')",
        ],
        (3, 1),
        [
            "import torch\nfrom diffusers import AutoencoderKL, UNet2DConditionModel",
            "unet = UNet2DConditionModel.from_pretrained('x', torch_dtype=torch.float16)",
            "vae = AutoencoderKL.from_pretrained('x').to(torch.float16)",
        ],
    ),
    "strength": (
        ["strength = 0.7\nt_start = int(strength * 1000)"],
        (1, 2),
        ["strength, steps = 0.7, 50\nt_start = steps - int(strength * steps)"],
    ),
    "allowed": (
        ["x = 1  # grade: allow strength - nothing here is against it"],
        (1, 1),
        ["strength = 0.7\nt = int(strength * 1000)  # grade: allow strength - shows the mistake"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lesson's folder."""
    return make_course(tmp_path_factory.mktemp("course")) / "exercises/numbers"


def written(folder: Path, cells: list[Any]) -> Path:
    path = folder / "some.ipynb"
    path.write_text(notebook(*cells))
    return path


@pytest.mark.parametrize("rule", DEFECTS)
def test_a_defect_is_found_where_it_is_and_nothing_else(lesson: Path, rule: str) -> None:
    cells, place, _ = DEFECTS[rule]
    [found] = check(written(lesson, cells))
    assert (found.rule.name, (found.spot.cell, found.spot.line)) == (rule, place)
    assert found.spot.why.endswith(".")
    assert found.spot.remedy.endswith((".", "?"))


@pytest.mark.parametrize("rule", DEFECTS)
def test_the_same_done_right_is_left_alone(lesson: Path, rule: str) -> None:
    assert [str(each) for each in check(written(lesson, DEFECTS[rule][2]))] == []


def test_every_rule_that_needs_no_run_has_a_defect_here() -> None:
    assert {rule.name for rule in RULES} == {*DEFECTS, "output", "does-not-run", "solution"}


@pytest.mark.parametrize(
    ("outputs", "count", "why"),
    [
        (["1"], 3, "what the cell showed when its author ran it is still there."),
        (["1"], None, "what the cell showed when its author ran it is still there."),
        ([], 3, "the number of its last run, [3], is still there."),
    ],
)
def test_what_a_run_left_is_found(lesson: Path, outputs: list[str], count: int | None, why: str) -> None:
    path = written(lesson, ["x = 1"])
    read = json.loads(path.read_text())
    read["cells"][0]["execution_count"] = count
    read["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": said} for said in outputs]
    path.write_text(json.dumps(read))
    assert [(found.rule.name, found.spot.why) for found in check(path)] == [("output", why)]


def test_an_attachment_is_a_picture_only_if_it_is_there(lesson: Path) -> None:
    path = written(lesson, [text("# A picture\n![a curve](attachment:curve.png)")])
    [found] = check(path)
    assert found.spot.why == "the cell has no attachment curve.png."
    read = json.loads(path.read_text())
    read["cells"][0]["attachments"] = {"curve.png": {"image/png": "AAAA"}}
    path.write_text(json.dumps(read))
    assert check(path) == []


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# grade: allow strength", "`strength` is allowed without a reason."),
        ("# grade: allow strenght - shows it", "there is no rule `strenght`."),
    ],
)
def test_an_exception_needs_a_reason_and_a_rule(lesson: Path, comment: str, said: str) -> None:
    found = check(written(lesson, [f"strength = 0.7\nt = int(strength * 1000)  {comment}"]))
    assert {each.rule.name for each in found} == {"strength", "allowed"}
    assert said in {each.spot.why for each in found}


def test_an_unknown_exercise_of_a_course_is_found(lesson: Path) -> None:
    [found] = check(written(lesson, ["%%exercise doubel\ndef double(number):\n    return 2 * number"]))
    assert str(found).endswith("the course has no exercise `doubel`. Did you mean `double`?")


def test_colab_has_what_it_has(lesson: Path) -> None:
    path = written(lesson, ["import pandas"])
    assert [found.rule.name for found in check(path)] == ["import"]
    read = json.loads(path.read_text())
    read["metadata"]["colab"] = {}
    path.write_text(json.dumps(read))
    assert check(path) == []


def test_the_command_says_cell_line_why_and_remedy_and_exits_with_one(lesson: Path, command: Command) -> None:
    path = written(lesson, ["strength = 0.7\nt = int(strength * 1000)", "print(undefined)"])
    done = command.run("notebook", "check", path, "--format", "json", cwd=lesson)
    assert done.returncode == 1
    assert [(each["rule"], each["exact"], each["cell"], each["line"]) for each in json.loads(done.stdout)["findings"]] == [
        ("strength", False, 1, 2), ("undefined-name", True, 2, 1),
    ]  # fmt: skip
    done = command.run("notebook", "check", path, cwd=lesson, COLUMNS="200")
    assert "cell 2, line 1: undefined-name: `undefined` is used before any cell defines it. Define it in" in done.stdout
    assert done.stdout.endswith("1 against a rule, 1 to be looked at.\n")
    assert command.run("notebook", "check", written(lesson, ["x = 1"]), cwd=lesson).returncode == 0


def test_what_is_no_notebook_is_one_sentence(lesson: Path, command: Command) -> None:
    (lesson / "broken.ipynb").write_text("{")
    done = command.run("notebook", "check", "broken.ipynb", cwd=lesson)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "broken.ipynb is not a notebook, or is damaged" in done.stderr


@pytest.mark.thorough
@pytest.mark.confined
def test_a_notebook_is_run_and_what_is_solved_in_it_graded(lesson: Path, command: Command) -> None:
    stops = written(lesson, ["x = 1", "x / 0"])
    done = command.run("notebook", "check", "--execute", stops, cwd=lesson, COLUMNS="300")
    assert (done.returncode, "cell 2, line 1: does-not-run: " in done.stdout) == (1, True)
    wrong = written(lesson, ["%%exercise double\ndef double(number: float) -> float:\n    return number"])
    done = command.run("notebook", "check", "--execute", wrong, cwd=lesson, COLUMNS="300")
    assert (done.returncode, "cell 1, line 1: solution: double does not pass: " in done.stdout) == (1, True)
    right = written(lesson, ["%%exercise double\ndef double(number: float) -> float:\n    return number * 2"])
    assert command.run("notebook", "check", "--execute", right, cwd=lesson).returncode == 0
