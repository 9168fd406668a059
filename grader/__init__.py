"""An auto-grader and exercise checker for courses on generative models."""

from grader.version import __version__ as __version__


def load_ipython_extension(shell: object) -> None:
    """Give a notebook `%%exercise NAME`: called by `%load_ext grader`."""
    from grader.notebook.extension import load

    load(shell)


def check(name: str) -> None:
    """Check an exercise in a notebook, with what its cells have defined so far, and show the verdict."""
    from grader.notebook.extension import check_in_notebook

    check_in_notebook(name)
