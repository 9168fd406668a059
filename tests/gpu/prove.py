"""The parts of tests/gpu/prove.sh: `python tests/gpu/prove.py PART`; what each finds out is a line of results.jsonl."""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]
OUT, MODEL = Path(os.environ["OUT"]), Path(os.environ["MODEL"])
DEVICE, PIXELS, STEPS = os.environ["DEVICE"], int(os.environ["PIXELS"]), int(os.environ["STEPS"])
DTYPES = os.environ["DTYPES"].split()
GRADED = (os.environ.get("GRADED") or DTYPES[0]).split()  # in which dtypes exercises are graded
COURSE = OUT / "course"  # a copy, which gets the tolerances that are measured here
RESULTS, TOLERANCES = OUT / "results.jsonl", COURSE / "tolerances.json"
GIB = 2**30


def note(part: str, **found: Any) -> None:
    """Keep a line of results, and show it."""
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"part": part, **found}) + "\n")
    print(part, *(f"{name}={value}" for name, value in found.items()))


def known(part: str) -> list[dict[str, Any]]:
    """Return what a part has found out so far."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    return [line for line in map(json.loads, lines) if line["part"] == part]


def peak() -> dict[str, float]:
    """Return the most memory of this process in GiB, and of the GPU as far as it was this process's."""
    import torch

    found = {"peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB, 2)}
    if DEVICE.startswith("cuda"):
        found["peak_gpu_gib"] = round(torch.cuda.max_memory_allocated() / GIB, 2)
    return found


def choice(dtype: str) -> Any:
    """Return the model under proof."""
    from grader.diffusion.request import ModelRequest, resolve_model

    return resolve_model(ModelRequest(str(MODEL), DEVICE, dtype, PIXELS))


def the_course() -> Any:
    """Return the copy of the course."""
    from grader.course.finding import find_course

    for name in ("exercises", "reference", "rubrics"):
        if not (COURSE / name).is_dir():
            shutil.copytree(PROJECT / name, COURSE / name)
    return find_course(COURSE)


@contextmanager
def served(dtype: str) -> Iterator[tuple[Any, Any, Any]]:
    """Yield the course, the choice and a fork server for it."""
    from grader.diffusion.machine import bench, machine
    from grader.sandbox.outside.server import ForkServer, Isolation

    course, chosen = the_course(), choice(dtype)
    with ForkServer(Isolation.AUTO, bench(course), machine(chosen)) as server:
        yield course, chosen, server


# --- parts -------------------------------------------------------------------------------------------------------


def surroundings() -> None:
    """Say what this machine is."""
    import diffusers
    import peft
    import torch
    import transformers

    card = ""
    if DEVICE.startswith("cuda"):
        asked = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        card = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    versions = {module.__name__: module.__version__ for module in (torch, diffusers, transformers, peft)}
    note("surroundings", card=card or "no GPU", python=platform.python_version(), cores=os.cpu_count(), **versions)


def model() -> None:
    """Write the model, unless it is there."""
    if not (MODEL / "model_index.json").is_file():
        from tools.tiny_sd import full_size

        started = time.perf_counter()
        full_size.write(MODEL)
        note("model", seconds=round(time.perf_counter() - started, 1), **peak())


ANSWERS = """
import torch

def looks_around(needle, device, mebibytes):
    found = torch.empty(mebibytes * 2**18, device=device)
    same = (found.view(torch.int32) == needle.to(device).view(torch.int32)[0]).sum()
    return [int((found != 0).sum()), int(same)]

def reads_files():
    try:
        return open("/etc/passwd").read()
    except OSError as error:
        return type(error).__name__

def reaches_the_net():
    import socket
    try:
        socket.create_connection(("127.0.0.1", 9), 1)
    except OSError as error:
        return type(error).__name__
    return "connected"

def hoards(device):
    kept = []
    while True:
        kept.append(torch.empty(2**28, device=device))

def crashes(device):
    if device != "cpu":
        torch.zeros(4, device=device)[torch.full((2,), 10**9, device=device)] = 1
        torch.cuda.synchronize()
    import ctypes
    ctypes.string_at(0)

def computes(unet, sample, text):
    with torch.no_grad():
        return unet(sample, 500, encoder_hidden_states=text).sample
"""


def confinement() -> None:
    """Show that a worker with the device reads nothing of anybody's, and that what it does harms nobody else."""
    import torch

    from grader.diffusion.loading import use
    from grader.diffusion.machine import equipment
    from grader.diffusion.request import load_chosen
    from grader.diffusion.stable_diffusion import stable_diffusion
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.workbench_file import source_of

    with served(GRADED[0]) as (course, chosen, server):
        (exercise,) = course.select(["img2img"])
        kept = equipment(source_of(course.root, course.workbench), exercise, (), chosen)
        load_chosen(chosen)
        use(**chosen.arguments())
        sd = stable_diffusion(course=course.root)
        run = {"latents": sd.noise(0), "num_inference_steps": 2, **sd.prompt("a red circle")}
        latents = sd.text_to_image(**run)  # what nobody may find in memory that is given out
        names = ("looks_around", "reads_files", "reaches_the_net", "hoards", "crashes", "computes")

        def asked(name: str, *arguments: Any) -> str:
            session = Session(
                server, {"work.py": ANSWERS}, dict.fromkeys(names, "work.py"), call_seconds=60, equipment=kept
            )
            started = time.perf_counter()
            try:
                record = session.call(name, arguments, {})
            finally:
                session.close()
            said = str(record.error).partition("\n")[0][:160] if record.error else record.result
            shown = list(said.shape) if isinstance(said, torch.Tensor) else said
            note("confinement", asked=name, answer=shown, seconds=round(time.perf_counter() - started, 1))
            return said

        forward = (sd.unet, sd.noise(1), sd.embed(["a star"]))
        before = asked("computes", *forward)
        nonzero, found = asked("looks_around", latents.flatten()[:1], DEVICE, 1024)
        assert found == 0, f"{found} numbers of the oracle's latents were found in memory that was given out."
        assert asked("reads_files") in ("PermissionError", "FileNotFoundError") or server.isolation == "off"
        assert asked("reaches_the_net") == "PermissionError" or server.isolation == "off"
        asked("hoards", DEVICE)
        asked("crashes", DEVICE)
        after = asked("computes", *forward)
        assert torch.equal(before, after), "After a hoarder and a crash the next worker computes something else."
        note("confinement", asked="isolation", answer=str(server.isolation), nonzero=nonzero, **peak())


def calibration() -> None:
    """Measure tolerances in every dtype."""
    from rich.console import Console

    from grader.authoring import calibrate
    from grader.authoring.calibration_table import table
    from grader.diffusion import tolerances

    course = the_course()
    for dtype in DTYPES:
        if any(line["dtype"] == dtype for line in known("calibration")):
            continue
        started = time.perf_counter()
        trials = calibrate.trials(course.exercises, (STEPS,), seeds=1)
        measured = calibrate.measure(
            choice(dtype), trials, lambda said: print(said, file=sys.stderr), log=OUT / f"calibration_{dtype}.jsonl"
        )
        rows = tolerances.read(TOLERANCES).with_rows(measured.rows)
        TOLERANCES.write_text(tolerances.to_json(rows), encoding="utf-8")
        Console(width=120).print(table(measured, TOLERANCES))
        note(
            "calibration",
            dtype=dtype,
            seconds=round(time.perf_counter() - started, 1),
            whole=measured.is_whole,
            **peak(),
        )


def criteria() -> None:
    """Grade solutions, which must pass, and three wrong variants of each exercise, which must fail."""
    from grader.grading import Grader
    from grader.plugin.course_imports import find_helpers_in
    from grader.submission.reading import read_submission

    find_helpers_in(the_course().root)
    from reference._real_mistakes import CAUGHT_ON_A_REAL_MODEL

    wrong = 0
    for dtype in GRADED:
        done = {(line["exercise"], line["work"]) for line in known("criteria") if line["dtype"] == dtype}
        with served(dtype) as (course, chosen, server):
            for name, mistakes in CAUGHT_ON_A_REAL_MODEL.items():
                (exercise,) = course.select([name])
                grader = Grader(course, server, lessons=[exercise.lesson], model=chosen)
                checks = [check.name for check in exercise.checks if check.tiers == ("gpu",)]
                for work in ("solution", *mistakes):
                    if (name, work) in done:
                        continue
                    path = (
                        exercise.solution if work == "solution" else exercise.solution.parent / "wrong" / f"{work}.py"
                    )
                    started = time.perf_counter()
                    results = grader.decide(read_submission(path), exercise, checks)
                    outcomes = sorted({str(check.outcome) for check in results})
                    shares = [
                        f"{found.difference:.2g}/{found.tolerance:.2g}"
                        for check in results
                        if (found := check.counterexample) and found.difference is not None and found.tolerance
                    ]
                    right = "failed" in outcomes if work != "solution" else outcomes == ["passed"]
                    right |= outcomes == ["skipped"]  # in this dtype, nothing can be told apart
                    wrong += not right
                    seconds = round(time.perf_counter() - started, 1)
                    note(
                        "criteria", dtype=dtype, exercise=name, work=work, outcomes=outcomes, as_due=right,
                        distance=" ".join(shares), seconds=seconds,
                    )  # fmt: skip
    note("criteria_memory", **peak())
    assert not wrong, f"{wrong} submissions were not graded as they should be."


def training() -> None:
    """Compare what a step of training takes, with what is said beforehand."""
    import torch

    from grader.diffusion import resources
    from grader.diffusion.loading import using
    from grader.diffusion.request import load_chosen
    from grader.workbench import recipes

    for dtype in GRADED:
        chosen = choice(dtype)
        for checkpointing in (True, False):
            load_chosen(chosen)
            with using(chosen):
                unet = recipes.unet_with_lora(
                    recipes.unet([], checkpointing=checkpointing), ["attn2.to_q", "attn2.to_v"], 4, 4, 0, 0.02
                )
                side, batch = PIXELS // 8, 2
                given = torch.randn(batch, 4, side, side), torch.tensor([300, 700])
                text = torch.randn(batch, 77, unet.config.cross_attention_dim)
                before = _in_use()
                started = time.perf_counter()
                unet(*given, encoder_hidden_states=text).sample.square().mean().backward()
                seconds = round(time.perf_counter() - started, 1)
                note(
                    "training", dtype=dtype, pixels=PIXELS, checkpointing=checkpointing, seconds=seconds,
                    step_gib=round((_most() - before) / GIB, 2), said_gib=round(resources.activation_bytes(chosen) / GIB, 2),
                )  # fmt: skip
                del unet
    needed = resources.needs(choice(GRADED[0]))
    note("training", said="in all", memory_gib=round(needed.memory / GIB, 1), gpu_gib=round(needed.gpu / GIB, 1))


def _in_use() -> int:
    if DEVICE.startswith("cuda"):
        import torch

        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    return _status("VmRSS")


def _most() -> int:
    if DEVICE.startswith("cuda"):
        import torch

        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated()
    return _status("VmHWM")


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


def loading() -> None:
    """Compare a worker of a server that has the model with one that loads it."""
    from grader.diffusion.loading import LoadedModel
    from grader.diffusion.machine import equipment
    from grader.sandbox.outside.session import Session
    from grader.sandbox.outside.workbench_file import source_of

    with served(GRADED[0]) as (course, chosen, server):
        started = time.perf_counter()
        loaded = LoadedModel(chosen)
        loaded.to_device()
        fresh = time.perf_counter() - started
        del loaded
        (exercise,) = course.select(["img2img"])
        kept = equipment(source_of(course.root, course.workbench), exercise, (), chosen)
        server.prepare(kept)
        seconds = []
        for _ in range(3):
            started = time.perf_counter()
            session = Session(server, {"w.py": "def f(): return 1"}, {"f": "w.py"}, call_seconds=60, equipment=kept)
            session.call("f", (), {})
            seconds.append(time.perf_counter() - started)
            session.close()
        resident = min(seconds)
        note("loading", fresh=round(fresh, 2), resident=round(resident, 2), ratio=round(fresh / resident, 1), **peak())


def class_of_twelve() -> None:
    """Grade twelve hand-ins on both tiers, a hoarding and a crashing one among them."""
    from contextlib import closing

    from grader.classroom.batch import drawn, grade_download
    from grader.classroom.export import class_of
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.libraries import computing_libraries
    from grader.grading import Conditions
    from grader.report.console import console
    from grader.sandbox.outside.server import Isolation

    course, folder, book = the_course(), OUT / "handins", str(OUT / "class.sqlite")
    exercises = course.select(["img2img", "encode_image"])
    for number in range(12):
        place = folder / f"student{number:02}"
        place.mkdir(parents=True, exist_ok=True)
        for exercise in exercises:
            path = sorted(exercise.wrong)[number // 4] if number % 4 == 3 else exercise.solution
            shutil.copyfile(path, place / f"{exercise.name}.py")
    for student, line in HARMFUL.items():
        source = f"import os\nimport torch\nDEVICE = {DEVICE!r}\n\ndef img2img(*given):\n    {line}\n"
        (folder / student / "img2img.py").write_text(source, encoding="utf-8")
    started = time.perf_counter()
    conditions = Conditions(Isolation.AUTO, models=(choice(GRADED[0]),))
    batch = grade_download(course, folder, book, conditions, [exercise.name for exercise in exercises], 1)
    seconds = round(time.perf_counter() - started, 1)
    console(sys.stdout).print(drawn(batch))
    with closing(Gradebook.create(book, course.name, computing_libraries())) as opened:
        for student in class_of(course, opened).students:
            points = {
                key[1]: f"{mark.points} of {mark.maximum}, {mark.pending} pending"
                for key, mark in student.marks.items()
                if mark.stored is not None
            }
            note("class", student=student.record.student, **points)
    note("class", seconds=seconds, graded=len(batch.summary.graded), broken=len(batch.summary.broken))
    assert not batch.summary.broken, batch.summary.broken


HARMFUL = {
    "student05": "kept = [torch.empty(2**28, device=DEVICE) for _ in range(10**6)]",
    "student06": "os.abort()",
}


def table() -> None:
    """Print one table of everything."""
    from rich.console import Console
    from rich.table import Table

    out = Console(width=150)
    for part in dict.fromkeys(json.loads(line)["part"] for line in RESULTS.read_text(encoding="utf-8").splitlines()):
        lines = known(part)
        drawn = Table(title=part, box=None, title_justify="left", pad_edge=False)
        columns = list(dict.fromkeys(name for line in lines for name in line if name != "part"))
        for name in columns:
            drawn.add_column(name, overflow="fold")
        for line in lines:
            drawn.add_row(*(str(line.get(name, "")) for name in columns))
        out.print(drawn)
    if TOLERANCES.exists():
        out.print(TOLERANCES.read_text(encoding="utf-8"))


PARTS = {
    "surroundings": surroundings, "model": model, "confinement": confinement, "calibration": calibration,
    "criteria": criteria, "training": training, "loading": loading, "class": class_of_twelve, "table": table,
}  # fmt: skip

if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    os.chdir(PROJECT)
    PARTS[sys.argv[1]]()
