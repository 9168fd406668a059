"""The part that lives in the student's kernel: `%%exercise NAME`, `%grader`, and `grader.check()` and its like.

A kernel is the student's own process, so nothing is judged in it. What its cells have defined goes to a judge process
over a pipe, and a drawing of the verdict comes back. The judge is started with the extension and stays warm as long as
the kernel lives; it reads code and runs it in confined workers, like `grade --submission` does.

Of the kernel's variables none are changed, except that the cell under `%%exercise` runs first, as any other cell would:
its functions are there afterwards. A cell that raises is not checked, unless it was an assertion of the student's own
that failed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError
from grader.notebook.judge_process import JudgeProcess

if TYPE_CHECKING:
    from grader.notebook.places import Place

_NO_NOTEBOOK = "grader.check works only in a notebook. Elsewhere, use the command `grade`."
_USAGE = "`%grader hint NAME` gives a hint, `%grader course PATH` says where the course is."


class Extension:
    """`%%exercise` and its like in one kernel."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._judge = JudgeProcess()
        self._place: Place | None = None
        self._outcomes: dict[str, str] = {}

    def go_to(self, folder: Path) -> None:
        """Take the course that a folder lies in."""
        from grader.notebook.places import place_at

        self._take(place_at(folder))

    def _take(self, place: Place | None) -> None:
        if place is None or self._place is None or place.root != self._place.root:
            self._outcomes.clear()  # of another course
        self._place = place

    def greet(self) -> str:
        """Return a sentence on which course was found, or on how to say where it is."""
        try:
            return f"grader: {self.place}"
        except UsageError as error:
            return str(error)

    @property
    def place(self) -> Place:
        """The course; raise `UsageError` as long as none is found."""
        from grader.notebook.places import find_place

        if self._place is None:
            self._place = find_place(self._shell.user_ns)
        return self._place

    # --- magics ---

    def exercise(self, line: str, cell: str) -> None:
        """Run a cell and check the exercise that it solves.

        Usage: `%%exercise NAME` on the first line, and below it your solution.
        """
        # With a first line, so that line numbers stay those of the cell; the history has the whole cell already.
        ran = self._shell.run_cell(f"# %%exercise {line}\n{cell}", store_history=False)
        if ran.success or isinstance(ran.error_in_exec, AssertionError):
            self.check(line.strip(), named=True)

    def command(self, line: str) -> None:
        """Give a hint, or say where the course is: `%grader hint NAME`, `%grader course PATH`."""
        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        match word:
            case "hint":
                self._show({"kind": "hint", "exercise": rest})
            case "course":
                self._course(rest)
            case _:
                print(_USAGE)

    def _course(self, path: str) -> None:
        from grader.notebook.places import place_at

        if path:
            folder = Path(path.strip("\"'")).expanduser()
            found = place_at(folder) if folder.is_dir() else None
            if found is None:
                print(f"There is no course at {folder}: name a folder with `exercises/` in it, or one inside it.")
                return
            self._take(found)
        print(self.greet())

    # --- functions ---

    def check(self, name: str = "", *, named: bool = False) -> None:
        """Show the verdict on an exercise, from everything that cells have defined so far.

        Without a name, it is the one that was defined last; `named` says that a name was asked for.
        """
        self._show({"kind": "check", "exercise": name, "named": named or bool(name)}, f"checking {name or '...'}")

    def check_all(self, lesson: str = "") -> None:
        """Show how every exercise of a lesson stands: of the notebook's lesson if none is named."""
        self._show({"kind": "check_all", "lesson": lesson}, "checking all exercises")

    def hand_in(self) -> None:
        """Write the file to hand in, and say what is in it."""
        from grader.notebook.handin import hand_in

        try:
            path = hand_in(self._shell.user_ns, self._cells(), self.place, self._outcomes)
        except UsageError as error:
            print(error)
            return
        passed = [name for name, outcome in self._outcomes.items() if outcome == "passed"]
        others = [name for name, outcome in self._outcomes.items() if outcome != "passed"]
        print(f"{path.name} is written, in {path.parent}. Hand in this file.")
        print(f"Checked here: {len(passed)} passed{', ' + ', '.join(others) + ' not' if others else ''}.")
        print("Your mark is what your instructor's grader finds in it.")

    def close(self) -> None:
        """End the judge."""
        self._judge.close()

    def _cells(self) -> list[str]:
        return list(self._shell.history_manager.input_hist_raw)

    def _show(self, question: dict[str, Any], doing: str = "") -> None:
        """Show at once what is being done, and in its place the judge's answer when that comes."""
        from IPython.display import display

        try:
            place = self.place
        except UsageError as error:
            print(error)
            return
        handle = display({"text/plain": f"{doing} ..."}, raw=True, display_id=True) if doing else None

        def heard(said: str) -> None:
            if handle is not None:
                handle.update({"text/plain": f"{said} ..."}, raw=True)

        where = {"course": str(place.root), "lesson": place.lesson}
        answer = self._judge.ask({**where, "cells": self._cells(), **{k: v for k, v in question.items() if v}}, heard)
        self._outcomes |= answer.get("outcomes", {})
        if handle is not None:
            handle.update(answer["shown"], raw=True)
        else:
            display(answer["shown"], raw=True)


_extensions: dict[int, Extension] = {}


def load(shell: Any, *, quietly: bool = False) -> Extension:
    """Register the magics in a shell, once, and unless `quietly` say which course was found."""
    import atexit

    if id(shell) not in _extensions:
        extension = _extensions[id(shell)] = Extension(shell)
        shell.register_magic_function(extension.exercise, "cell", "exercise")
        shell.register_magic_function(extension.command, "line", "grader")
        atexit.register(extension.close)
        if not quietly:
            print(extension.greet())
    return _extensions[id(shell)]


def extension_here() -> Extension:
    """Return the extension of the notebook that this runs in; raise `UsageError` outside of a notebook."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise UsageError(_NO_NOTEBOOK)
    return load(shell, quietly=True)
