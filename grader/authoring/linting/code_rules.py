"""Rules that hold for any notebook of Python: it compiles, and every name and every import comes from somewhere."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import re
import sys
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from pyflakes.checker import Checker
from pyflakes.messages import UndefinedName

from grader.authoring.linting.findings import Rule, Spot
from grader.authoring.linting.notebook import dotted
from grader.course.blanks import BLANK
from grader.course.syntax import parse
from grader.distribution import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set

    from grader.authoring.linting.notebook import Cell, Notebook

# What a kernel has, and what stands for a blank, which has a rule of its own.
_OF_KERNELS = frozenset(
    {"display", "get_ipython", "In", "Out", "exit", "quit", "_", "__", "___", "_i", "_ii", "_iii", BLANK}
)
# What a kernel has, whatever is installed; and what Colab has besides.
_WITH_KERNELS = frozenset({"IPython", "ipykernel", "traitlets", "jupyter_client", "jupyter_core", "matplotlib_inline"})
_WITH_COLAB = frozenset(
    """
    PIL altair bs4 bokeh cv2 datasets einops gdown google huggingface_hub ipywidgets jax keras matplotlib nltk numba
    numpy pandas plotly psutil requests scipy seaborn skimage sklearn spacy statsmodels sympy tensorflow timm
    tokenizers torch torchaudio torchvision tqdm transformers wandb xgboost yaml
    """.split()
)
# Distributions whose module has another name, and which need not be installed here to be known.
_MODULES = {
    "beautifulsoup4": "bs4", "ipython": "IPython", "open-clip-torch": "open_clip", "opencv-python": "cv2",
    "opencv-python-headless": "cv2", "pillow": "PIL", "protobuf": "google", "python-dotenv": "dotenv",
    "pyyaml": "yaml", "scikit-image": "skimage", "scikit-learn": "sklearn",
}  # fmt: skip
_INSTALL = re.compile(r"(?:pip3?|uv(?:[ \t]+pip)?|conda|mamba|poetry)[ \t]+(?:install|add)\b([^\n#|&;]*)")
_UNKNOWABLE = re.compile(r"sys\.path|git[ \t]+clone|%run\b|exec\(|importlib|\bpip[^\n]*(?:git\+|https?:|-r |-e |\{)")
_HIDES_NAMES = re.compile(r"%run\b|%load\b|%pylab\b|\bexec\(|\bglobals\(\)|%store\b|\bget_ipython\(\)\.run")


def _syntax(notebook: Notebook) -> Iterator[Spot]:
    for cell in notebook.code:
        if (error := cell.error) is not None:
            line, said = getattr(error, "lineno", None) or 1, getattr(error, "msg", None) or str(error)
            yield Spot(cell.number, line, f"this cell does not compile: {said}.", "Correct it.")


def _undefined(notebook: Notebook) -> Iterator[Spot]:
    """Find names that no cell has bound before; what a function's body uses may come later, as when it runs."""
    if any(cell.error or _HIDES_NAMES.search(cell.text) for cell in notebook.code):
        return
    places: list[tuple[Cell, int]] = []
    lines: list[str] = []
    for cell in notebook.code:
        for number, line in enumerate(cell.python.split("\n"), 1):
            places.append((cell, number))
            lines.append(line)
    tree = parse("\n".join(lines))
    known = _OF_KERNELS | notebook.bound_by_magics
    found = sorted(Checker(tree, builtins=known).messages, key=lambda message: (message.lineno, message.col))
    said = set()
    for message in found:
        if isinstance(message, UndefinedName) and message.message_args[0] not in said:
            name = message.message_args[0]
            said.add(name)
            cell, line = places[message.lineno - 1]
            why = f"`{name}` is used before any cell defines it."
            yield Spot(cell.number, line, why, "Define it in a cell above, or correct the name.")


def _imports(notebook: Notebook) -> Iterator[Spot]:
    if any(_UNKNOWABLE.search(cell.text) for cell in notebook.code):
        return
    given = sys.stdlib_module_names | _WITH_KERNELS | (_WITH_COLAB if notebook.on_colab else frozenset())
    given |= {path.name.partition(".")[0] for path in notebook.path.absolute().parent.iterdir()}
    if all(name in given for cell in notebook.code for _, name in _imported(cell.tree)):
        return
    given |= _of_dependencies() | _installed_by(notebook)
    said = set()
    for cell in notebook.code:
        for statement, name in _imported(cell.tree):
            if name not in given and name not in said:
                said.add(name)
                why = f"nothing that this notebook installs or depends on has a module `{name}`."
                yield Spot(cell.number, statement.lineno, why, f"Install it in the first cell: `%pip install {name}`.")


def _imported(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """Yield every import with its module's first name, unless it stands in a `try`."""
    tried = {inner for node in ast.walk(tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if node in tried:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, node.module.partition(".")[0]


@functools.cache
def _of_dependencies() -> frozenset[str]:
    """Return the modules of this grader and of everything that it depends on, extras apart."""
    names: set[str] = set()
    waiting: list[str] = [canonicalize_name(NAME)]
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        try:
            required = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for text in required:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(requirement.name))
    return _modules_of(names)


def _installed_by(notebook: Notebook) -> frozenset[str]:
    names: set[str] = set()
    for cell in notebook.code:
        for found in _INSTALL.finditer(cell.text):
            for word in found[1].replace('"', " ").replace("'", " ").replace(",", " ").split():
                try:
                    names.add(canonicalize_name(Requirement(word).name))
                except InvalidRequirement:  # an option
                    continue
    return _modules_of(names)


def _modules_of(distributions: Set[str]) -> frozenset[str]:
    """Return the modules of some distributions; of one that is not installed here, what it is likely to be called."""
    found = {_MODULES.get(name, name.replace("-", "_")) for name in distributions}
    for module, owners in _distributions_of_modules().items():
        if any(canonicalize_name(owner) in distributions for owner in owners):
            found.add(module)
    return frozenset(found)


@functools.cache
def _distributions_of_modules() -> Mapping[str, Sequence[str]]:
    return importlib.metadata.packages_distributions()


def _rows(notebook: Notebook) -> Iterator[Spot]:
    """Find where a row of a table is to get a gradient: it is a new tensor, and not the leaf."""
    why = "a row of a table is a new tensor: it is a leaf that never gets a gradient, and the table stays frozen."
    remedy = "Let the whole table require a gradient, and put the other rows back after every step."
    for cell, node in notebook.nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "requires_grad_":
            changed: ast.AST = node.func.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            changed = node.targets[0].value if node.targets[0].attr == "requires_grad" else node
        else:
            continue
        if isinstance(changed, ast.Subscript) and dotted(changed.value).rpartition(".")[2] in ("weight", "data"):
            yield Spot(cell.number, changed.lineno, why, remedy)


CODE_RULES = (
    Rule("syntax", True, "A cell does not compile.", _syntax),
    Rule("undefined-name", True, "A name is used before any cell defines it.", _undefined),
    Rule("import", True, "A module is imported that nothing installs.", _imports),
    Rule("table-row", True, "A gradient is asked of a row of a table.", _rows),
)
