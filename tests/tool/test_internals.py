"""What we lean on in other libraries beyond what they promise: each test says what has moved, and who needs it."""

from __future__ import annotations

import importlib.util
import inspect
import shutil
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from grader.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.light


def moved(library: str, what: str, user: str) -> str:
    """Return the sentence that a broken internal is reported with."""
    return f"{library} {version(library)} {what}: {user} leans on it."


# --- Hypothesis ---

DRAWS = """
import sys
sys.path[:0] = sys.argv[1:2]
import hypothesis
from hypothesis import strategies as st

def draws():
    drawn = []

    @hypothesis.settings(max_examples=300, database=None, derandomize=True)
    @hypothesis.given(n=st.integers())
    def note(n):
        drawn.append(n)

    note()
    return drawn

if "unusual" in sys.argv:
    import unusual
    draws()
if "ours" in sys.argv:
    from grader.plugin.examples import use_profile
    use_profile()
print(draws())
"""


@pytest.fixture
def draws(tmp_path: Path):
    """Return a function that prints what Hypothesis draws in a process of its own."""
    (tmp_path / "unusual.py").write_text("NUMBERS = [" + ", ".join(str(10**12 + 7 * n) for n in range(40)) + "]\n")

    def run(*settings: str) -> str:
        command = [sys.executable, "-c", DRAWS, str(tmp_path), *settings]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    return run


@pytest.mark.thorough
@pytest.mark.torch
def test_what_is_drawn_depends_on_no_module_that_is_loaded_and_on_no_earlier_run(draws) -> None:
    assert draws() != draws("unusual"), "Hypothesis draws no constants of loaded modules: use_profile need not stop it."
    assert draws("ours") == draws("ours", "unusual"), moved(
        "hypothesis",
        "does not take its constants from `providers._get_local_constants` and `CONSTANTS_CACHE` any more",
        "grader/plugin/examples.py, so that the same seed draws the same inputs,",
    )


def test_hypothesis_calls_the_inner_test_that_it_is_given() -> None:
    seen: list[int] = []

    @hypothesis.settings(max_examples=5, database=None)
    @hypothesis.given(n=st.integers())
    def check(n: int) -> None:
        raise AssertionError(n)

    check.hypothesis.inner_test = lambda n: seen.append(n)  # noqa: PLW0108 - its parameter has the argument's name
    check()
    assert seen, moved("hypothesis", "calls another function than `inner_test`", "grader/plugin/examples.py")


def test_hypothesis_keeps_the_smallest_failure_it_knows_when_smaller_inputs_pass() -> None:
    """After its last try, `_bounded` lets every other example pass."""
    failing: list[int] = []

    @hypothesis.settings(max_examples=50, database=None, derandomize=True, print_blob=False)
    @hypothesis.given(n=st.integers(min_value=0))
    def check(n: int) -> None:
        if n > 100 and (len(failing) < 3 or n in failing):
            failing.append(n)
            raise ValueError(n)

    with pytest.raises(ValueError, match=r"\d+") as raised:
        check()
    assert int(str(raised.value)) == min(failing), moved(
        "hypothesis", "reports another failure than the smallest one", "grader/plugin/examples.py"
    )


# --- pytest ---


@pytest.mark.torch
def test_the_plugins_that_checks_do_without_are_pytests() -> None:
    from grader.plugin.run import _UNNEEDED

    unknown = [name for name in _UNNEEDED if importlib.util.find_spec(f"_pytest.{name}") is None]
    assert not unknown, moved("pytest", f"has no plugins {unknown}", "grader/plugin/run.py, which turns them off,")


# --- ipykernel, IPython, jupyter_client, nbclient ---


def test_a_kernels_output_thread_can_be_had_without_its_port() -> None:
    kernelapp = pytest.importorskip("ipykernel.kernelapp")
    said = moved(
        "ipykernel", "makes its output thread otherwise", "grader/notebook/kernel.py, so that no port is opened,"
    )
    assert "IOPubThread" in inspect.getclosurevars(kernelapp.IPKernelApp.init_iopub).globals, said
    assert "pipe" in inspect.signature(kernelapp.IOPubThread).parameters, said


def test_a_kernel_starts_without_a_debugger() -> None:
    script = "import sys; sys.modules['debugpy'] = None; import ipykernel.kernelapp, ipykernel.ipkernel"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, moved("ipykernel", "needs debugpy", "grader/notebook/kernel.py") + done.stderr


def test_a_profile_can_be_made_before_the_kernel_is_confined(tmp_path: Path) -> None:
    from IPython.core.profiledir import ProfileDir

    ProfileDir.create_profile_dir_by_name(str(tmp_path), "default")
    assert (tmp_path / "profile_default").is_dir(), moved(
        "ipython", "keeps its profiles elsewhere", "grader/notebook/kernel.py"
    )


def test_a_history_can_be_turned_off_and_read() -> None:
    from IPython.core.history import HistoryManager

    said = moved("ipython", "keeps its history otherwise", "grader/notebook/extension.py and kernel.py")
    assert {"enabled", "input_hist_raw"} <= HistoryManager.class_traits().keys(), said


def test_a_kernel_is_started_by_the_specification_that_its_manager_names(tmp_path: Path) -> None:
    import zmq.asyncio

    from grader.notebook.execute import _Manager

    context = zmq.asyncio.Context()
    try:
        manager = _Manager(tmp_path, context, confined=True)
        manager._launch_args = {}  # older ones need them, and set them at a start
        command = manager.format_kernel_cmd()
    finally:
        context.destroy()
    assert "grader.notebook.kernel" in command, moved(
        "jupyter_client", "takes a kernel's command from elsewhere than `kernel_spec`", "grader/notebook/execute.py"
    )


def test_nbclient_has_what_our_client_overrides_and_calls() -> None:
    from nbclient import NotebookClient

    used = """
        reset_execution_trackers async_start_new_kernel async_start_new_kernel_client async_execute_cell process_message
    """.split()
    absent = [name for name in used if not callable(getattr(NotebookClient, name, None))]
    assert not absent, moved("nbclient", f"has no {absent}", "grader/notebook/execute.py")


# --- Typer ---


def test_a_typer_group_parses_and_helps_as_grade_expects() -> None:
    from typer.core import TyperGroup

    said = moved("typer", "has changed how a group parses its arguments or writes its help", "grader/cli/app.py")
    assert list(inspect.signature(TyperGroup.parse_args).parameters) == ["self", "ctx", "args"], said
    assert list(inspect.signature(TyperGroup.format_help).parameters) == ["self", "ctx", "formatter"], said


# --- diffusers, PEFT ---


@pytest.mark.torch
@pytest.mark.parametrize("pipeline", ["img2img", "inpaint"])
def test_a_pipeline_draws_its_noise_where_we_replace_it(pipeline: str) -> None:
    import torch

    from grader.diffusion.stable_diffusion import stable_diffusion

    sd = stable_diffusion()
    z_0, embeddings = sd.latents(), sd.prompt("a red circle")
    more = {"mask": torch.ones(1, 1, *z_0.shape[2:])} if pipeline == "inpaint" else {}

    def run(seed: int) -> torch.Tensor:
        return getattr(sd, pipeline)(
            z_0=z_0, noise=sd.noise(seed), strength=0.6, num_inference_steps=5, **embeddings, **more
        )

    said = moved(
        "diffusers", "draws its noise otherwise than by `randn_tensor`", "grader/diffusion/stable_diffusion.py"
    )
    assert torch.equal(run(0), run(0)), said
    assert not torch.equal(run(0), run(1)), said


@pytest.mark.torch
def test_an_oracle_refuses_a_pipeline_that_draws_its_noise_elsewhere() -> None:
    import torch

    from grader.diffusion import stable_diffusion
    from grader.errors import GraderError

    with (
        pytest.raises(GraderError, match="did not draw its noise with `randn_tensor`"),
        stable_diffusion._drawing_noise(stable_diffusion.pipeline_stable_diffusion_img2img, torch.ones(1)),
    ):
        pass


@pytest.mark.torch
def test_a_model_whose_weights_have_other_names_is_refused(tmp_path: Path) -> None:
    """Libraries only warn, and draw the missing weights at random."""
    from safetensors.torch import load_file, save_file

    from grader.diffusion import loading

    shutil.copytree(loading.TINY_SD, tmp_path / "model")
    file = tmp_path / "model" / "text_encoder" / "model.safetensors"
    save_file({f"other.{name}": weights for name, weights in load_file(file).items()}, file, {"format": "pt"})
    with pytest.raises(UsageError, match=r"has no weights for .*Install the versions that constraints.txt names"):
        loading.load(tmp_path / "model")


@pytest.mark.torch
def test_a_distribution_of_latents_can_be_made_anew_from_its_parameters() -> None:
    import torch

    from grader.diffusion import loading

    found = loading.load().vae.encode(torch.zeros(1, 3, 64, 64)).latent_dist
    said = moved("diffusers", "describes latents otherwise", "grader/diffusion/precision.py")
    assert type(found).__name__ == "DiagonalGaussianDistribution", said
    again = type(found)(found.parameters, deterministic=found.deterministic)
    assert torch.equal(again.mode(), found.mode()), said


@pytest.mark.torch
def test_an_adapters_weights_have_the_names_that_we_look_for() -> None:
    from grader.workbench import recipes

    unet = recipes.unet_with_lora(recipes.part("unet"), ["to_q"], rank=2, alpha=2, seed=0)
    names = [name for name, _ in unet.named_parameters() if ".lora_" in name]
    assert {name.rpartition(".lora_")[2] for name in names} == {"A.default.weight", "B.default.weight"}, moved(
        "peft",
        "names the weights of an adapter otherwise",
        "grader/workbench/recipes.py and grader/checks/adapters.py",
    )
