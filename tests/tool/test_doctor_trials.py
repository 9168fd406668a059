"""What `grade doctor` tries in processes of their own, which may crash or hang: libraries, workers and models."""

from __future__ import annotations

import copy
import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from grader.diffusion.choice import TINY, TINY_SD, Choice, chosen
from grader.distribution import NAME, requirement
from grader.doctor import probe, real_model, subprocesses, trials
from grader.doctor.finding import Finding, State
from grader.doctor.real_model import Asked
from grader.doctor.subprocesses import Answer, Step, take
from grader.errors import UsageError
from helpers.course_factory import write_files
from helpers.packages import PIP, install

PROJECT = Path(__file__).parents[2]


# --- processes that crash, hang or fail ----------------------------------------------------------------------------


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which a process that is started looks for modules first."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def imports(*names: str) -> list[Step]:
    return [Step(name, "import_module", {"module": name}) for name in names]


def test_a_step_that_fails_says_why_and_the_next_is_taken(modules: Path) -> None:
    write_files(modules, {"broken.py": "raise OSError('no libcuda.so.1\\n and more')", "talks.py": "print('{')"})
    answers = take(imports("broken", "talks", "absent"), 60)
    assert answers["broken"] == Answer(worked=False, said="OSError: no libcuda.so.1")
    assert answers["talks"] == Answer(worked=True, said="")
    assert answers["absent"].said == "ModuleNotFoundError: No module named 'absent'"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed with SIGSEGV"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGILL)", "crashed with SIGILL: the processor lacks an"),
        ("import os, sys\nprint('out of luck', file=sys.stderr)\nos._exit(9)", "exit status 9: out of luck"),
    ],
    ids=["SIGSEGV", "SIGILL", "exit"],
)
def test_a_step_that_ends_the_process_is_blamed_for_it(modules: Path, source: str, said: str) -> None:
    write_files(modules, {"fine.py": "", "fatal.py": source})
    answers = take(imports("fine", "fatal", "unreached"), 60)
    assert list(answers) == ["fine", "fatal"]
    assert not answers["fatal"].worked
    assert said in answers["fatal"].said


def test_a_step_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "COMMAND", (sys.executable, "-c", "import time; time.sleep(3600)"))
    assert take([Step("slow", "worker")], 0.5) == {"slow": Answer(worked=False, said="did not end in 0.5 seconds")}


def test_a_process_that_does_not_even_start_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocesses, "COMMAND", (sys.executable, "-c", "import no_such_module"))
    [answer] = take([Step("worker", "worker")], 60).values()
    assert "exit status 1: ModuleNotFoundError: No module named 'no_such_module'" in answer.said


# --- what is tried in such processes -------------------------------------------------------------------------------


def answering(monkeypatch: pytest.MonkeyPatch, **answers: Answer) -> list[Step]:
    """Let every process give these answers, and "" for all other steps; return the steps that it is to take."""
    taken: list[Step] = []

    def take(steps: list[Step], _seconds: float) -> dict[str, Answer]:
        taken.extend(steps)
        return {step.label: answers.get(step.label, Answer(worked=True, said="")) for step in steps}

    for module in (trials, real_model):
        monkeypatch.setattr(module, "take", take)
    return taken


def wrong(said: str, *, advised: bool = False) -> Answer:
    return Answer(worked=False, said=said, advised=advised)


def test_what_can_be_imported_and_loaded_is_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = answering(monkeypatch, torch=Answer(worked=True, said="2.13.0+cpu, built for the CPU"))
    found = list(trials.libraries_and_tiny_model())
    assert [finding.state for finding in found] == [State.OK] * 3
    assert found[1].found == "2.13.0+cpu, built for the CPU"
    assert [step.label for step in taken][:1] == ["torch"]
    assert taken[-1].action == "tiny_model"
    assert Step("pillow", "import_module", {"module": "PIL"}) in taken


def test_a_library_that_cannot_be_imported_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, numpy=wrong("crashed with SIGILL"), peft=wrong("ImportError: numpy"))
    found = next(trials.libraries_and_tiny_model())
    assert found.state is State.PROBLEM
    assert found.found == "numpy is installed, but cannot be imported: crashed with SIGILL; nor can peft"
    assert found.remedy == f"{PIP} install --force-reinstall --no-deps numpy=={metadata.version('numpy')}"


def test_a_torch_that_cannot_be_imported_is_a_problem_of_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, torch=wrong("crashed with SIGILL"), diffusers=wrong("no torch"), tiny=wrong("no torch"))
    found, torch, _ = trials.libraries_and_tiny_model()
    assert found.found.startswith("torch is installed, but cannot be imported: crashed with SIGILL; nor can diffusers")
    assert (found.state, torch.state) == (State.PROBLEM, State.SKIPPED)
    assert "https://pytorch.org/get-started/locally/" in found.remedy


def test_a_damaged_tiny_model_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, tiny=wrong("OSError: unable to load weights"))
    *_, found = trials.libraries_and_tiny_model()
    assert found.state is State.PROBLEM
    assert found.remedy == f"git -C {PROJECT} checkout -- grader/diffusion/tiny_sd"
    monkeypatch.setattr(trials, "TINY_SD", tmp_path / "grader" / "models" / "tiny_sd")
    *_, found = trials.libraries_and_tiny_model()
    assert found.remedy == f"{PIP} install --force-reinstall --no-deps {requirement()}"


def test_where_libraries_are_missing_nothing_heavy_is_tried(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(packages, NAME, needs=("torch", 'absent; extra == "notebook"'))
    monkeypatch.setattr(trials, "version", lambda _name: "")
    taken = answering(monkeypatch)
    found = [*trials.libraries_and_tiny_model(), trials.worker(), trials.kernel()]
    found += real_model.real_model(Asked("somewhere"), None)
    assert [finding.state for finding in found[1:]] == [State.SKIPPED] * 5
    assert taken == []


@pytest.mark.parametrize(("level", "how"), [("strict", "confined"), ("off", "without confinement")])
def test_a_worker_that_starts_is_in_order(level: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, worker=Answer(worked=True, said=level))
    assert trials.worker() == Finding("worker", State.OK, f"a worker starts, {how}")


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("GraderError: The worker could not be confined: seccomp", "`--isolation off` grades"),
        ("GraderError: The fork server ended unexpectedly: No module named 'grader'", "make a virtual environment"),
    ],
    ids=["refused", "user's packages"],
)
def test_a_worker_that_does_not_start_is_a_problem(said: str, remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, worker=wrong(said))
    found = trials.worker()
    assert found.state is State.PROBLEM
    assert said in found.found
    assert remedy in found.remedy


def test_the_kernel_of_notebooks_must_start_and_be_this_python(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, kernel=Answer(worked=True, said=sys.prefix))
    assert trials.kernel().state is State.OK
    answering(monkeypatch, kernel=Answer(worked=True, said="/usr"))
    found = trials.kernel()
    assert found.state is State.WARNING
    assert "the kernel `python3` runs the Python in /usr" in found.found
    assert "-m ipykernel install --user --name grade" in found.remedy
    answering(monkeypatch, kernel=wrong("RuntimeError: Kernel died"))
    found = trials.kernel()
    assert found.state is State.WARNING
    assert found.found == "it does not start: RuntimeError: Kernel died"


# --- a real model --------------------------------------------------------------------------------------------------

FOUND = Answer(worked=True, said="/m")
LOADED = Answer(worked=True, said=json.dumps(Choice(Path("/m"), "cuda", "float16", 0, "somebody/sd").arguments()))


def looked_at(asked: Asked) -> dict[str, Finding]:
    return {finding.name: finding for finding in real_model.real_model(asked, None)}


def test_a_device_alone_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, device=Answer(worked=True, said="cuda: H100, 70.0 of 79.0 GiB of memory are free"))
    found = looked_at(Asked(None, "cuda"))
    assert list(found) == ["device"]
    assert found["device"].state is State.OK


def test_a_device_that_is_not_there_or_does_not_compute_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, device=wrong("No GPU was found: run this where one is", advised=True), find=FOUND)
    found = looked_at(Asked("somebody/sd"))
    assert found["device"] == Finding("device", State.PROBLEM, "No GPU was found: run this where one is")
    assert found["model"].state is State.SKIPPED
    answering(monkeypatch, device=wrong("RuntimeError: no kernel image is available"))
    assert "pytorch.org" in looked_at(Asked(None, "cuda"))["device"].remedy


def test_a_wrong_folder_is_a_problem_said_in_its_own_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, find=wrong("There is no folder /m: correct the path", advised=True), load=wrong("so what"))
    assert looked_at(Asked("/m"))["model"] == Finding("model", State.PROBLEM, "There is no folder /m: correct the path")


def test_a_look_at_a_device_that_ends_the_process_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    crashed = {"find": FOUND, "device": wrong("crashed with SIGSEGV")}
    monkeypatch.setattr(real_model, "take", lambda _steps, _seconds: crashed)
    found = looked_at(Asked("/m", "cuda"))
    assert found["device"].found == "crashed with SIGSEGV"
    assert found["model"].state is State.SKIPPED


def test_a_model_that_is_not_here_yet_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch)
    found = looked_at(Asked("somebody/sd"))["model"]
    assert found.state is State.WARNING
    assert found.remedy == "the first `grade --tier gpu --model somebody/sd` downloads it"


@pytest.mark.parametrize(
    ("answer", "remedy"),
    [
        (wrong("RuntimeError: CUDA error"), "copy the model again, or try another --device or --dtype"),
        (wrong("It needs 9 GiB of memory: close what you can", advised=True), ""),
    ],
    ids=["fault", "sentence"],
)
def test_a_model_that_does_not_answer_is_a_problem(
    answer: Answer, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, find=FOUND, load=answer)
    found = looked_at(Asked("somebody/sd"))["model"]
    assert found == Finding("model", State.PROBLEM, f"it cannot be used: {answer.said}", remedy)


def test_a_model_without_tolerances_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, find=FOUND, load=LOADED)
    found = looked_at(Asked("somebody/sd"))
    assert found["model"].found == "/m answers on cuda in float16"
    assert found["tolerances"].state is State.PROBLEM
    assert found["tolerances"].remedy == "grade calibrate --model somebody/sd --device cuda --dtype float16"


def test_a_wrong_folder_is_refused_and_a_model_of_the_hub_is_not_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub import errors

    def download(_name: str, *, local_files_only: bool = False) -> str:
        assert local_files_only
        raise errors.LocalEntryNotFoundError("not here")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert probe.find_model("somebody/sd") == ""
    assert probe.find_model(str(TINY_SD)) == str(TINY_SD)
    with pytest.raises(UsageError, match=r"has no model_index\.json: give a folder"):
        probe.find_model(str(tmp_path))


def test_a_real_model_is_loaded_and_answers() -> None:
    choice = chosen(**json.loads(probe.load_model(str(TINY_SD), "cpu", "bfloat16")))
    assert (choice.folder, choice.device, choice.dtype) == (TINY_SD, "cpu", "bfloat16")
    assert probe.device("cpu") == "cpu"
    assert real_model.measured(choice, None).state is State.OK


def test_a_model_that_answers_with_nan_is_refused() -> None:
    from grader.diffusion import loading

    loaded = copy.deepcopy(loading.load())
    loaded.unet.conv_out.bias.data.fill_(float("nan"))
    with pytest.raises(ArithmeticError, match="answers with NaN or infinity"):
        probe.ask(loaded, TINY)
