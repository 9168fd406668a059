"""The part in the student's kernel: `%%exercise NAME`, `%answer`, `%grader`, and `grader.check()` and its like.

A kernel is the student's own process, so nothing is judged in it. What its cells have defined goes to the judge of the
course's folder, the same one that answers `grade` in a terminal, and the verdict comes back. It is started with the
extension, so that it is warm when somebody asks.

Of the kernel's variables none are changed, except that the cell under `%%exercise` runs first, as any other cell would:
its functions are there afterwards. A cell that raises is not checked, unless it was an assertion of the student's own
that failed.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import faults
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.course.sources import ExerciseFiles
    from grader.desk.judges import StayingJudge
    from grader.notebook.checking import Shown
    from grader.notebook.places import Place
    from grader.results import Verdict

_NO_NOTEBOOK = "grader.check works only in a notebook. Elsewhere, use the command `grade`."
_USAGE = (
    "`%grader hint NAME` gives a hint, `%grader locate NAME` looks for the line where a mistake is, "
    "`%grader course PATH` says where the course is."
)
_WHICH = "Which exercise? Write its name: `%%exercise NAME`."


class Extension:
    """`%%exercise` and its like in one kernel."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._judge: StayingJudge | None = None
        self._place: Place | None = None
        self._outcomes: dict[str, str] = {}
        self._failed_tries: Counter[str] = Counter()

    def go_to(self, folder: Path) -> None:
        """Take the course that a folder lies in."""
        from grader.notebook.places import place_at

        self._take(place_at(folder))

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
            self._take(find_place(self._shell.user_ns))
        assert self._place is not None
        return self._place

    def _take(self, place: Place | None) -> None:
        """Take another course, and have its judge get warm."""
        from grader.desk.judges import StayingJudge
        from grader.desk.warm.client import Unavailable

        if place is None or self._place is None or place.root != self._place.root:
            self.close()
            self._outcomes.clear()  # of another course
            if place is not None:
                self._judge = StayingJudge(place.root)
                with contextlib.suppress(Unavailable):  # whoever asks will hear of it
                    self._judge.start()
        self._place = place

    # --- magics ---

    def exercise(self, line: str, cell: str) -> None:
        """Run a cell and check the exercise that it solves.

        Usage: `%%exercise NAME` on the first line, and below it your solution.
        """
        # With a first line, so that line numbers stay those of the cell; the history has the whole cell already.
        ran = self._shell.run_cell(f"# %%exercise {line}\n{cell}", store_history=False)
        if not (ran.success or isinstance(ran.error_in_exec, AssertionError)):
            return
        if not line.strip():
            self._show(lambda _: _said(_WHICH))
            return
        self.check(line.strip())

    def answer(self, line: str) -> None:
        """Answer a question of the lesson: `%answer NAME VALUE`. It is written to `answers.toml` in the course."""
        from grader.notebook.checking import answered

        self._show(lambda _: answered(self.place.root, line))

    def command(self, line: str) -> None:
        """Give a hint, look for a mistake, or say where the course is: `%grader hint NAME`, and so on."""
        from grader.notebook.checking import hint

        word, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        match word:
            case "hint":
                self._show(lambda _: hint(self.place.root, rest))
            case "locate":
                self._show(lambda _: self._located(rest), f"looking at {rest or '...'}")
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

    def check(self, name: str = "") -> None:
        """Show the verdict on an exercise, from everything that cells have defined so far.

        Without a name, it is the one that was defined last.
        """
        from grader.notebook.checking import exercise_meant

        def answer(say: Callable[[str], None]) -> Shown:
            cells = self._cells()
            return self._checked([exercise_meant(self.place.root, name, cells)], cells, say)

        self._show(answer, f"checking {name or '...'}")

    def check_all(self, lesson: str = "") -> None:
        """Show how every exercise of a lesson stands: of the notebook's lesson if none is named."""
        from grader.notebook.checking import exercises_meant

        def answer(say: Callable[[str], None]) -> Shown:
            cells = self._cells()
            return self._checked(exercises_meant(self.place, lesson, cells), cells, say, whole_lesson=True)

        self._show(answer, "checking all exercises")

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
        """End the judge if it is this kernel's own."""
        if self._judge is not None:
            self._judge.close()
            self._judge = None

    def _cells(self) -> tuple[str, ...]:
        return tuple(self._shell.history_manager.input_hist_raw)

    def _checked(
        self,
        exercises: Sequence[ExerciseFiles],
        cells: tuple[str, ...],
        say: Callable[[str], None],
        *,
        whole_lesson: bool = False,
    ) -> Shown:
        """Ask the judge, tell how far it is, and return what is shown of its verdict."""
        from grader.desk.request import Request
        from grader.desk.warm.messages import Finished
        from grader.notebook.checking import outcomes, verdict_shown

        keys = tuple(exercise.key for exercise in exercises)
        asked = Request(folder=str(self.place.root), exercises=keys, cells=cells, figures=True)
        begun: list[str] = []

        def heard(message: object) -> None:
            if isinstance(message, Finished) and message.exercise not in begun:
                begun.append(message.exercise)
                say(f"checking {message.exercise}" + (f", {len(begun)} of {len(keys)}" if whole_lesson else ""))

        assert self._judge is not None  # there is a place
        verdict = self._judge.ask(asked, heard)
        self._outcomes |= outcomes(verdict, begun)
        if whole_lesson:
            return verdict_shown(verdict, "", whole_lesson=True)
        return verdict_shown(verdict, self._offer(exercises[0], verdict))

    def _offer(self, exercise: ExerciseFiles, verdict: Verdict) -> str:
        """Count a try that failed, and return what is offered after so many of them."""
        from grader.desk.offering import offer_after

        if verdict.outcome != "failed":
            del self._failed_tries[exercise.key]
            return ""
        self._failed_tries[exercise.key] += 1
        return offer_after(exercise, self._failed_tries[exercise.key], f"%grader locate {exercise.name}")

    def _located(self, name: str) -> Shown:
        """Ask the judge where the mistake in an exercise is."""
        from grader.desk.request import Request
        from grader.locating.located import SECONDS
        from grader.notebook.checking import exercise_meant, place_shown

        cells = self._cells()
        exercise = exercise_meant(self.place.root, name, cells)
        asked = Request(folder=str(self.place.root), exercises=(exercise.key,), cells=cells, locate=SECONDS)
        assert self._judge is not None  # there is a place
        return place_shown(self._judge.locate(asked))

    def _show(self, answer: Callable[[Callable[[str], None]], Shown], doing: str = "") -> None:
        """Show at once what is being done, and in its place the answer when that comes.

        If the cell is interrupted, that is said, and the cells after it do not run.
        """
        from IPython.display import display

        try:
            _ = self.place
        except UsageError as error:
            print(error)
            return
        handle = display({"text/plain": f"{doing} ..."}, raw=True, display_id=True) if doing else None

        def say(said: str) -> None:
            if handle is not None:
                handle.update({"text/plain": f"{said} ..."}, raw=True)

        def show(shown: Shown) -> None:
            if handle is not None:
                handle.update(shown, raw=True)
            else:
                display(shown, raw=True)

        try:
            show(_answer_or_reason(lambda: answer(say)))
        except KeyboardInterrupt:
            show(_said("Interrupted: nothing was checked."))
            raise


def _answer_or_reason(answer: Callable[[], Shown]) -> Shown:
    """Return an answer, or else why there is none."""
    from grader.desk.warm.client import Unavailable

    try:
        return answer()
    except UsageError as error:
        return _said(str(error))
    except Unavailable as error:
        return _said(faults.sentence(GraderError(f"No judge can be asked: {error}.")))
    except Exception as error:
        faults.show(error)
        return _said(faults.sentence(error))


def _said(said: str) -> Shown:
    from grader.notebook.checking import sentence_shown

    return sentence_shown(said)


_extensions: dict[int, Extension] = {}


def load(shell: Any, *, quietly: bool = False) -> Extension:
    """Register the magics in a shell, once, and unless `quietly` say which course was found."""
    import atexit

    from IPython.core.magic import no_var_expand

    if id(shell) not in _extensions:
        extension = _extensions[id(shell)] = Extension(shell)
        shell.register_magic_function(extension.exercise, "cell", "exercise")
        shell.register_magic_function(extension.command, "line", "grader")
        # What is handed in is the line as it is written, so it means that here, too.
        shell.register_magic_function(no_var_expand(lambda line: extension.answer(line)), "line", "answer")  # noqa: PLW0108 - a method takes no attribute
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
