"""An auto-grader and exercise checker for courses on generative models."""

from grader.version import __version__ as __version__


def load_ipython_extension(shell: object) -> None:
    """Give a notebook `%%exercise NAME` and `%grader`: called by `%load_ext grader`."""
    from grader.notebook.extension import load

    load(shell)


def check(name: str = "") -> None:
    """Check an exercise in a notebook, the last one defined if none is named, and show the verdict."""
    from grader.notebook.extension import extension_here

    extension_here().check(name)


def check_all(lesson: str = "") -> None:
    """Check all exercises of the notebook's lesson, or of another one, and show how each of them stands."""
    from grader.notebook.extension import extension_here

    extension_here().check_all(lesson)


def handin() -> None:
    """Write what a notebook holds into a file to be handed in."""
    from grader.notebook.extension import extension_here

    extension_here().hand_in()
