"""The training of the tiny model: it can be stopped and goes on, and what it made says how."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
import typer
from safetensors.torch import load_file
from torch import nn

from grader.diffusion.loading import TINY_SD
from tools.tiny_sd.components import build_tokenizer, learn_merges
from tools.tiny_sd.settings import Settings
from tools.tiny_sd.stage import Stage

if TYPE_CHECKING:
    from torch import Tensor

SHORT = [
    "--autoencoder-steps", "6", "--autoencoder-pictures", "24", "--unet-steps", "6", "--unet-pictures", "48", "--threads", "1",
    "--save-every", "2",
]  # fmt: skip


def stage(folder: Path, steps: int = 8, **settings: Any) -> Stage:
    torch.manual_seed(0)
    return Stage("unet", nn.Linear(3, 1), Settings(**settings), steps, rate=0.1, steady=steps // 2, folder=folder)


def squares(made: Stage) -> Any:
    def loss_of(generator: torch.Generator) -> Tensor:
        loss: Tensor = made.model(torch.randn(5, 3, generator=generator)).square().mean()
        return loss

    return loss_of


class Stopped(Exception):
    """The run was ended from outside."""


def test_a_run_that_was_stopped_ends_at_the_same_weights(tmp_path: Path) -> None:
    whole, stopped = stage(tmp_path / "whole"), stage(tmp_path / "stopped")
    for made in (whole, stopped):
        made.folder.mkdir()
    whole.run(squares(whole), every=3)

    calls = 0
    loss_of = squares(stopped)

    def stop_in_the_fifth(generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise Stopped
        return loss_of(generator)  # type: ignore[no-any-return]

    with pytest.raises(Stopped):
        stopped.run(stop_in_the_fifth, every=3)
    again = stage(tmp_path / "stopped")
    again.run(squares(again), every=3)
    assert again.losses == whole.losses
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name])


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    first = stage(tmp_path)
    first.run(squares(first), every=3)
    other = stage(tmp_path, seed=1)
    with pytest.raises(typer.BadParameter, match="other settings"):
        other.run(squares(other), every=3)


def test_a_checkpoint_does_not_care_for_another_stages_settings(tmp_path: Path) -> None:
    first = stage(tmp_path)
    first.run(squares(first), every=3)
    other = stage(tmp_path, autoencoder_steps=7)
    other.run(squares(other), every=3)
    assert other.losses == first.losses


def test_the_learning_rate_warms_up_and_falls() -> None:
    made = stage(Path("nowhere"), steps=1000)
    shares = [made.share(step) for step in range(1000)]
    assert shares[0] < 0.02
    assert set(shares[99:501]) == {1.0}
    assert all(later < earlier for earlier, later in pairwise(shares[501:]))
    assert shares[-1] < 0.02


def test_every_word_of_the_grammar_is_one_token(tmp_path: Path) -> None:
    from grader.tinyworld.drawing import vocabulary

    tokenizer = build_tokenizer(tmp_path)
    assert all(len(tokenizer.tokenize(word)) == 1 for word in vocabulary())
    assert tokenizer.tokenize("diamond") != ["diamond</w>"]
    assert tokenizer.decode(tokenizer("a diamond", add_special_tokens=False).input_ids).strip() == "a diamond"


def test_every_run_learns_the_same_pieces() -> None:
    assert learn_merges(["aab"]) == [("a", "b</w>"), ("a", "ab</w>")]


# --- what ships ---


def test_what_ships_is_small_and_safe() -> None:
    files = [path for path in TINY_SD.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 8_000_000
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md"}


def test_what_ships_says_how_it_was_made() -> None:
    made = json.loads((TINY_SD / "training.json").read_text())
    assert made["command"].endswith(".training --out FOLDER --seed 0")  # a module of the commit that is named below
    assert made["settings"]["seed"] == 0
    assert made["settings"] == {
        **made["settings"],
        "unet_steps": Settings.unet_steps,
        "autoencoder_steps": Settings.autoencoder_steps,
    }
    assert len(made["code"]["sha256"]) == 64
    assert not made["code"]["commit"].endswith("-dirty")
    assert 0 < sum(made["minutes"].values()) < 120


def test_what_ships_has_no_weight_that_is_not_finite() -> None:
    for path in TINY_SD.rglob("*.safetensors"):
        assert all(bool(value.isfinite().all()) for value in load_file(path).values())


# --- the whole script ---


# The script, which is killed as soon as it has said something.
KILLED = """
import os, signal, sys, typer
from tools.tiny_sd import stage, training

last_words = sys.argv.pop(1)

def say(*texts, **options):
    print(*texts, **options)
    if texts[0].startswith(last_words):
        os.kill(os.getpid(), signal.SIGKILL)

stage.print = say
typer.run(training.main)
"""


def train(out: Path, work: Path, *, killed_after: str = "") -> subprocess.CompletedProcess[str]:
    script = ["-c", KILLED, killed_after] if killed_after else ["-m", "tools.tiny_sd.training"]
    command = [sys.executable, *script, "--out", str(out), "--work", str(work), *SHORT]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, check=False
    )


@pytest.mark.slow
def test_the_script_resumes_after_being_killed_and_makes_the_same_model(tmp_path: Path) -> None:
    assert train(tmp_path / "whole", tmp_path / "whole_work").returncode == 0
    for name in ("autoencoder", "unet"):  # killed in each of the stages, once it has saved something
        killed = train(tmp_path / "again", tmp_path / "again_work", killed_after=f"{name}: saved at step 2")
        assert killed.returncode == -signal.SIGKILL
    assert "unet: going on from step 2" in train(tmp_path / "again", tmp_path / "again_work").stdout
    for part in ("unet", "vae", "text_encoder"):
        first, second = (load_file(next((tmp_path / run / part).glob("*.safetensors"))) for run in ("whole", "again"))
        assert all(torch.equal(value, second[name]) for name, value in first.items())
