"""Suspicions about notebooks that run and train generative models."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from grader.authoring.linting.findings import Rule, Spot
from grader.authoring.linting.notebook import dotted, keywords, targets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.authoring.linting.notebook import Notebook

_LOADS = ("from_pretrained", "from_single_file")
_SAMPLES = re.compile(
    r"(?:torch|np\.random|numpy\.random|rng)\.(?:randn?|rand_like|randn_like|normal|uniform|random)\Z"
)
_DATA = re.compile(r"(?:\w*_)?(?:images?|pictures?|pixel_values|latents?|x_?0|data|dataset|batch|inputs|targets)\Z")
_TELLS_EQUALITY = re.compile(r"(?:\A|\.)(?:allclose|equal|array_equal|assert_close|assert_equal|assert_allclose)\Z")
_SEEDS = re.compile(r"(?:manual_seed|seed_everything|set_seed|random\.seed|enable_full_determinism)\Z")
_MODEL = re.compile(r"Pipeline|Model\b|Autoencoder|UNet|Encoder|ControlNet")
_HALF = ("float16", "half", "bfloat16")
_CASTS = re.compile(r"\.half\(|autocast|\.to\([^)\n]*(?:dtype|float16|float32|bfloat16)")


def _strength(notebook: Notebook) -> Iterator[Spot]:
    """Find products with strength: it is a share of the sampler's steps, not of the timesteps of training."""
    for cell, node in notebook.nodes():
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
            continue
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if "strength" in dotted(one).rpartition(".")[2] and _counts_training(other):
                why = "strength is multiplied by the number of training timesteps."
                remedy = "Take that share of the sampler's own steps, and look up the timestep there."
                yield Spot(cell.number, node.lineno, why, remedy)


def _counts_training(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value in (999, 1000)
    return dotted(node).rpartition(".")[2] in ("num_train_timesteps", "n_train_timesteps", "train_timesteps")


def _random_data(notebook: Notebook) -> Iterator[Spot]:
    """Find data that is drawn in a cell that computes gradients of a loss."""
    for cell in notebook.code:
        if not any(isinstance(n, ast.Attribute) and n.attr == "backward" for n in ast.walk(cell.tree)):
            continue
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                drawn = _SAMPLES.search(dotted(node.value.func))
                named = [name for name in targets(node) if _DATA.match(name)]
                if drawn and named:
                    why = f"`{named[0]}` is drawn at random, and trained on."
                    yield Spot(
                        cell.number, node.lineno, why, "Train on data, if students are to learn from the result."
                    )


def _two_pipelines(notebook: Notebook) -> Iterator[Spot]:
    alive: dict[str, int] = {}
    for cell in notebook.code:
        for node in cell.tree.body:
            if isinstance(node, ast.Delete):
                for target in node.targets:
                    alive.pop(dotted(target), None)
            if not isinstance(node, ast.Assign):
                continue
            for name in targets(node):
                others = [other for other in alive if other != name]
                alive.pop(name, None)
                if not _loads_pipeline(node.value):
                    continue
                if others and not _shares(node.value):
                    why = f"`{name}` is loaded while `{others[0]}` of cell {alive[others[0]]} is still there."
                    remedy = f"Make it of the same parts (`from_pipe`), or `del {others[0]}` first."
                    yield Spot(cell.number, node.lineno, why, remedy)
                alive[name] = cell.number


def _loads_pipeline(value: ast.expr) -> bool:
    """Tell whether an expression is a call of `XPipeline.from_pretrained`, moved to a device or not."""
    while isinstance(value, ast.Call):
        owner, _, method = dotted(value.func).rpartition(".")
        if method in _LOADS:
            return owner.rpartition(".")[2].endswith(("Pipeline", "AutoPipelineForText2Image"))
        if not isinstance(value.func, ast.Attribute):
            return False
        value = value.func.value
    return False


def _shares(value: ast.expr) -> bool:
    """Tell whether a call hands over parts of another pipeline."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("components", "unet", "vae", "text_encoder", "transformer")
        for node in ast.walk(value)
    )


def _mixed_dtypes(notebook: Notebook) -> Iterator[Spot]:
    """Find a part of a model that is loaded in single precision beside something in half; a whole pipeline is alone."""
    if any(_CASTS.search(cell.text) for cell in notebook.code):
        return
    half, whole = [], []
    for cell, call, name in notebook.calls():
        owner, _, method = name.rpartition(".")
        if method not in _LOADS or not _MODEL.search(owner):
            continue
        passed = keywords(call)
        dtype = passed.get("torch_dtype", passed.get("dtype"))
        if dtype is None and not owner.endswith("Pipeline"):
            whole.append((cell.number, call.lineno, owner))
        elif dtype is not None and dotted(dtype).rpartition(".")[2] in _HALF:
            half.append((cell.number, owner))
    for number, line, owner in whole:
        if half:
            why = f"{owner} is loaded in single precision, and {half[0][1]} of cell {half[0][0]} in half."
            yield Spot(number, line, why, "Load both in one dtype.")


def _promised_equality(notebook: Notebook) -> Iterator[Spot]:
    """Find results that are said to be equal, of which one is drawn anew in each run."""
    drawn: dict[str, str] = {}
    pipelines: set[str] = set()
    for cell in notebook.code:
        seeded = any(_SEEDS.search(dotted(n.func)) for n in ast.walk(cell.tree) if isinstance(n, ast.Call))
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Assign):
                if _loads_pipeline(node.value):
                    pipelines |= set(targets(node))
                reason = "" if seeded else _why_drawn(node.value, pipelines)
                for name in targets(node):
                    drawn.pop(name, None)
                    if reason:
                        drawn[name] = reason
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Call) and _TELLS_EQUALITY.search(dotted(node.func)):
                names = [dotted(argument).partition(".")[0] for argument in node.args[:2]]
                found = next((name for name in names if name in drawn), None)
                if found and len(set(names)) > 1:
                    why = f"`{found}` is said to be equal to something, but {drawn[found]}."
                    yield Spot(
                        cell.number, node.lineno, why, "Pass a seeded generator, or the mode of the distribution."
                    )


def _why_drawn(value: ast.expr, pipelines: set[str]) -> str:
    """Return why an expression has another value in every run, an empty text if it has not."""
    for node in ast.walk(value):
        if not isinstance(node, ast.Call):
            continue
        if (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "sample"
            and "latent_dist" in ast.unparse(node.func)
        ):
            if not (node.args or "generator" in keywords(node)):
                return "it is sampled from the encoder's distribution without a generator"
        elif dotted(node.func) in pipelines and not {"generator", "latents"} & keywords(node).keys():
            return "the pipeline draws its noise without a generator"
    return ""


MODEL_RULES = (
    Rule(
        "promised-equality", False, "Results are said to be equal that are drawn anew in each run.", _promised_equality
    ),
    Rule("random-data", False, "A model is trained on random data.", _random_data),
    Rule("two-pipelines", False, "Two pipelines are in memory at once.", _two_pipelines),
    Rule("mixed-dtypes", False, "Models are loaded in different dtypes, and nothing is cast.", _mixed_dtypes),
    Rule("strength", False, "Strength is taken of the training timesteps.", _strength),
)
