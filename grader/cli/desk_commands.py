"""Commands for whoever solves exercises at a desk, besides `grade NAME`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import AT_YOUR_DESK, app
from grader.cli.at_desk import outline_here, show_list
from grader.cli.options import (
    MAX_TIMEOUT,
    DaemonOption,
    DeviceOption,
    DtypeOption,
    IsolationOption,
    ModelOption,
    NamesArgument,
    OutputOption,
    PlainOption,
    SeedOption,
    TimeoutOption,
    format_option,
)
from grader.cli.status import DONE, FAILED, OF_OUTCOME
from grader.errors import UsageError
from grader.locating.located import SECONDS
from grader.report.registry import Formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.doctor.finding import Finding

ExerciseArgument = Annotated[str, typer.Argument(metavar="NAME", help="An exercise, or its path.")]

_FINDINGS: Formats[Sequence[Finding]] = Formats("grader.doctor.formats", "terminal")


@app.command("list", rich_help_panel=AT_YOUR_DESK)
def _list(plain: PlainOption = False) -> None:
    """List lessons and exercises with their points and your progress."""
    raise typer.Exit(show_list(plain=plain))


@app.command("show", rich_help_panel=AT_YOUR_DESK)
def _show(
    name: ExerciseArgument,
    check: Annotated[
        str | None, typer.Argument(metavar="[CHECK]", help="The number of a check in its list, or its name.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every failure in full, as without CHECK.")] = False,
    plain: PlainOption = False,
    daemon: DaemonOption = True,
) -> None:
    """Show the last verdict on an exercise again, with every failure in full, or one check of it.

    Your work is graded if it has changed since.
    """
    from grader.desk.showing import found_check, verdict_to_show
    from grader.report.formats import plain as in_plain_text
    from grader.report.formats import terminal
    from grader.report.output import say

    if check is not None and everything:
        raise UsageError("--all shows every failure: give it without CHECK.")
    verdict = verdict_to_show(outline_here(), name, daemon=daemon, silent=plain)
    drawing = in_plain_text if plain else terminal
    say(drawing.everything(verdict) if check is None else drawing.shown_check(found_check(verdict.exercises[0], check)))
    raise typer.Exit(OF_OUTCOME[verdict.outcome])


@app.command("watch", rich_help_panel=AT_YOUR_DESK)
def _watch(
    names: NamesArgument = None,
    poll: Annotated[
        bool, typer.Option("--poll", help="Look for changes again and again, where the file system does not tell.")
    ] = False,
    plain: PlainOption = False,
    daemon: DaemonOption = True,
) -> None:
    """Grade what you save as soon as you save it; keys give a hint, the next exercise, the list, or all failures."""
    from contextlib import closing

    from grader.desk.judges import StayingJudge
    from grader.desk.watching.screen import plain_screen, screen
    from grader.desk.watching.watch import Watch

    root = outline_here().root
    with closing(StayingJudge(root, daemon=daemon)) as judge:
        Watch(root, names or (), judge, plain_screen() if plain else screen()).run(poll=poll)


@app.command("hint", rich_help_panel=AT_YOUR_DESK)
def _hint(name: ExerciseArgument) -> None:
    """Give a hint, and one more each time; they say where to look, and never the code."""
    from grader.desk.choosing import one
    from grader.desk.hints import in_words, take_hint
    from grader.report.output import say_wrapped

    say_wrapped(in_words(take_hint(one(outline_here(), name))))


@app.command("answer", rich_help_panel=AT_YOUR_DESK, context_settings={"ignore_unknown_options": True})
def _answer(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="A question; the next one that is not answered if not given.")
    ] = "",
    value: Annotated[
        list[str] | None, typer.Argument(metavar="[VALUE]...", help="Your answer; without one, the question is shown.")
    ] = None,
) -> None:
    """Show a question, or answer it: practice is decided at once, and what counts is noted.

    Exit status: 0 right, noted or shown, 1 wrong.
    """
    from grader.cli.asking import ask

    raise typer.Exit(ask(outline_here(), name, " ".join(value or ())))


@app.command("attempts", rich_help_panel=AT_YOUR_DESK)
def _attempts(
    keep: Annotated[
        bool | None, typer.Option("--keep/--stop", help="Agree that each try is noted in your copy, or end that.")
    ] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete what was noted, and note nothing more.")] = False,
    output_file: OutputOption = None,
) -> None:
    """Note which messages you met and whether your next try mended it, if you agree; show it or write it to a file.

    It helps your teacher to learn which messages help. Your code and your name are not in it, and nothing is sent.
    """
    from grader.desk import attempts
    from grader.report.output import Output, say_wrapped

    if (keep is not None) + delete + (output_file is not None) > 1:
        raise UsageError("--keep, --stop, --delete and --output each do one thing: give one of them.")
    root = outline_here().root
    if output_file is not None:
        Output(output_file).write(attempts.for_teacher(root))
    elif delete:
        say_wrapped(attempts.forget(root))
    else:
        say_wrapped(attempts.in_words(root) if keep is None else attempts.agree(root, noting=keep))


@app.command("debug", rich_help_panel=AT_YOUR_DESK)
def _debug(
    name: ExerciseArgument,
    check: Annotated[
        str | None,
        typer.Argument(metavar="[CHECK]", help="A failed check, by its number or name; the first one if not given."),
    ] = None,
    submission: Annotated[
        str | None,
        typer.Option("--submission", metavar="PATH", help="What is graded; the stubs in place if not given."),
    ] = None,
    isolation: IsolationOption = "auto",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
    daemon: DaemonOption = True,
) -> None:
    """Write the smallest failing input as a script, to be run in your own Python or IDE."""
    from grader.desk.choosing import one
    from grader.desk.judges import debugged
    from grader.desk.request import Request
    from grader.report.output import say_wrapped

    outline = outline_here()
    asked = Request(
        folder=str(Path.cwd()),
        exercises=(one(outline, name).key,),
        submission=submission,
        isolation=isolation,
        seed=seed,
        call_seconds=timeout,
        debug=check or "",
    )
    found = debugged(asked, outline.root, daemon=daemon)
    say_wrapped(
        f"{found.title}\n\n  python {found.path}\n\nruns your code on the smallest input that fails this check."
    )


@app.command("locate", rich_help_panel=AT_YOUR_DESK)
def _locate(
    name: ExerciseArgument,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", metavar="N", min=1, max=MAX_TIMEOUT, help="CPU seconds that the search may take at most."
        ),
    ] = SECONDS,
    submission: Annotated[
        str | None,
        typer.Option("--submission", metavar="PATH", help="What is looked at; the stubs in place if not given."),
    ] = None,
    plain: PlainOption = False,
    isolation: IsolationOption = "auto",
    seed: SeedOption = None,
    timeout: TimeoutOption = None,
    daemon: DaemonOption = True,
) -> None:
    """Name the line where the mistake is: the place where one change would make all checks pass.

    What the change would be is not said. Exit status: 0 a place is named, 1 none was found, 2 nothing to look for.
    """
    from grader.desk.choosing import one
    from grader.desk.judges import located
    from grader.desk.request import Request
    from grader.locating.located import in_words
    from grader.report.output import say, say_wrapped

    outline = outline_here()
    asked = Request(
        folder=str(Path.cwd()),
        exercises=(one(outline, name).key,),
        submission=submission,
        isolation=isolation,
        seed=seed,
        call_seconds=timeout,
        locate=seconds,
    )
    found = located(asked, outline.root, daemon=daemon, silent=plain)
    (say if plain else say_wrapped)(in_words(found))
    raise typer.Exit(DONE if found.file else FAILED)


@app.command("reset", rich_help_panel=AT_YOUR_DESK)
def _reset(
    name: ExerciseArgument,
    undo: Annotated[bool, typer.Option("--undo", help="Bring back what the last reset put aside.")] = False,
) -> None:
    """Put the file of an exercise back as it was given out; what you wrote is kept."""
    from grader.desk import resetting
    from grader.report.output import say_wrapped

    outline = outline_here()
    exercise = resetting.find(outline, name)
    if undo:
        kept = resetting.undo(exercise).relative_to(outline.root)
        say_wrapped(f"{exercise.key}.py is back. What was there instead is in {kept}.")
    elif kept_work := resetting.reset(exercise):
        place = kept_work.relative_to(outline.root)
        say_wrapped(
            f"{exercise.key}.py is as it was given out. Your work is in {place}; to bring it back, run "
            f"`grade reset {exercise.name} --undo`."
        )
    else:
        say_wrapped(f"{exercise.key}.py is as it was given out: nothing was changed.")


@app.command("init", rich_help_panel=AT_YOUR_DESK)
def _init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make; with --update, the copy to update.")
    ],
    update: Annotated[
        bool, typer.Option("--update", help="Bring changed pages and checks into a copy; your own code stays.")
    ] = False,
) -> None:
    """Make your working copy of the course: stubs, pages, notebooks and public checks."""
    from grader import working_copy
    from grader.report.output import say_wrapped

    if update:
        say_wrapped(f"{folder}: {working_copy.update(folder)}")
    else:
        count = working_copy.make(folder)
        say_wrapped(f"{folder} has {count} exercises. Next:\n\n  cd {shlex.quote(str(folder))}\n  grade list")


@app.command("doctor", rich_help_panel=AT_YOUR_DESK)
def _doctor(
    model: ModelOption = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    output_format: Annotated[str, format_option(_FINDINGS, "How it is written.")] = _FINDINGS.default,
) -> None:
    """Look for what is missing or broken: Python, libraries, isolation, course, notebooks and models, with remedies.

    Exit status: 0 nothing needs fixing, 1 something does.
    """
    from grader.doctor.examination import examine
    from grader.doctor.finding import any_problem
    from grader.doctor.real_model import Asked
    from grader.report.output import Output
    from grader.report.progress import activity

    if dtype and not model:
        raise UsageError("--dtype is for a real model: name one with --model.")
    asked = Asked(model, device, dtype) if model or device else None
    with activity("looking at") as begins:
        findings = examine(asked, begins)
    Output().write(_FINDINGS.written(output_format, findings))
    raise typer.Exit(FAILED if any_problem(findings) else DONE)


@app.command("examples", rich_help_panel=AT_YOUR_DESK)
def _examples(
    name: ExerciseArgument,
    submission: Annotated[
        Path | None,
        typer.Option("--submission", metavar="PATH", help="Whose function is tried: a file, notebook, folder or .zip."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The examples (NAME.examples beside the stub if not given)."),
    ] = None,
    isolation: IsolationOption = "auto",
) -> None:
    """Try the examples that you wrote before the code, such as `double(2) == 4`.

    They are tried on your function and, where the course has solutions and known mistakes, on these: which of your
    examples a correct solution contradicts, and how many mistakes they would catch.

    Exit status: 0 all examples hold, 1 some do not, 2 usage.
    """
    from grader.cli.options import conditions, course_here
    from grader.grading import warm_grader
    from grader.report.output import say_wrapped
    from grader.sandbox.outside.reader import read_edited_stubs, read_handin
    from grader.student_examples.reading import examples_file, examples_in_file
    from grader.student_examples.telling import told
    from grader.student_examples.trying import why_not, worth_of

    course = course_here()
    found = [exercise for exercise in course.select([name]) if not exercise.is_questions]
    if len(found) != 1:
        raise UsageError(f"`{name}` is not one exercise: name one.")
    [exercise] = found
    examples = examples_in_file(file or examples_file(exercise), exercise)
    work = read_handin(submission) if submission is not None else read_edited_stubs(course, {exercise.lesson})
    with warm_grader(course, [exercise], conditions(isolation, None, None)) as grader:
        own, worth = why_not(grader, exercise, examples, work), worth_of(grader, exercise, examples)
    for sentence in told(examples, own, worth):
        say_wrapped(sentence)
    raise typer.Exit(FAILED if any(own) or (worth is not None and (worth.contradicted or worth.costly)) else DONE)
