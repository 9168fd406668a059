"""Rows of a new token at some moments of some runs: those of real runs, and drawn ones."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from exercises._shared import _results
from exercises._shared._training import alphas_cumprod
from exercises.textual_inversion.checks import _embeddings, _encoded, _training
from exercises.textual_inversion.checks._measured_networks import table_of
from grader.checks.assertions import CheckFailure, assert_like
from grader.checks.recorded import read_recorded
from grader.checks.text import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exercises._shared._training import Batch
    from grader.sandbox.wire.handles import Handle

RUNS = ("circle", "random")  # where the runs start: at a word's row, or at a drawn one as long as a word's
STEPS = (0, 5, 10, 25, 50, 100)  # after which the row was saved
SHARED = [8, 5]  # pictures in each of the batches that the runs are asked about
DRAWN = (200, 1000)  # the timesteps that drawn rows are asked about
NAMES = ("losses", "distances", "nearest", "best")


class Task(NamedTuple):
    """The arguments of the experiment."""

    unet: Handle
    text_encoder: Handle
    token_id: int
    rows: torch.Tensor
    batches: list[Batch]
    alphas_cumprod: torch.Tensor


class Found(NamedTuple):
    """The results of the experiment: three tables `[R, K]`, and the place of the best checkpoint."""

    losses: torch.Tensor
    distances: torch.Tensor
    nearest: torch.Tensor
    best: tuple[int, int]


def results_of(submission: Any, task: Task) -> Found:
    """Run the student's experiment; return its results, or raise `CheckFailure` if they are not of the kind asked."""
    __tracebackhide__ = True
    found = _results.entries(submission.inversion_checkpoints(*task), NAMES)
    runs, checkpoints = task.rows.shape[:2]
    losses, distances = (
        assert_like(found[name], task.rows.new_empty(runs, checkpoints), what=f"result['{name}']")
        for name in ("losses", "distances")
    )
    nearest = assert_like(found["nearest"], torch.empty(runs, checkpoints, dtype=torch.int64), what="result['nearest']")
    return Found(losses, distances, nearest, _place(found["best"], runs, checkpoints))


def _place(value: object, runs: int, checkpoints: int) -> tuple[int, int]:
    __tracebackhide__ = True
    r, k = (
        _results.number(each, f"result['best'][{i}]")
        for i, each in enumerate(_results.listed(value, 2, "result['best']"))
    )
    if r not in range(runs) or k not in range(checkpoints):
        raise CheckFailure(
            "result['best'] must be the place (r, k) of a checkpoint.",
            expected=f"two ints below {runs} and {checkpoints}",
            actual=describe(value),
        )
    return int(r), int(k)


# --- real runs, made by `python -m reference.textual_inversion._checkpoints` ---


@functools.cache
def recorded() -> dict[str, torch.Tensor]:
    """Return "rows" of real runs, the "latents" of pictures that these have not seen, and losses."""
    return read_recorded(__file__)


def real_task() -> Task:
    """Return the experiment on two real runs, asked under noise so strong that the words decide."""
    return Task(
        _embeddings.UNET,
        _embeddings.text_encoder(_embeddings.trained_table(seed=3), trainable=[]),
        _embeddings.first_id(),
        recorded()["rows"],
        batches_of(SHARED, seed=0),
        alphas_cumprod(),
    )


def batches_of(
    sizes: Sequence[int],
    seed: int,
    word: str = _embeddings.TOKEN,
    timesteps: tuple[int, int] = _training.STRONG_NOISE,
    *,
    twice: bool = False,
) -> list[Batch]:
    """Return batches of that many pictures each, the first ones of those recorded, under drawn noise.

    Each caption has the word in it, but that of the last picture, which has another new token. With `twice` the first
    caption has the word in two places.
    """
    number = sum(sizes)
    told = [example.told(word) for example in _training.examples(sum(SHARED), held_out=True)[:number]]
    if twice:
        told[0] = f"a {word} and a small {word}"
    if number > 1:
        other = _embeddings.TOKENS[0 if word == _embeddings.TOKENS[-1] else -1]
        told[-1] = f"a small red {other} on sand"
    return _encoded.batches_of(recorded()["latents"][:number], told, sizes, seed, timesteps)


# --- drawn rows ---


def drawn_task(
    runs: int = 2,
    checkpoints: int = 3,
    *,
    seed: int = 0,
    sizes: Sequence[int] = (2, 1),
    word: str = _embeddings.TOKEN,
    power: float = 1.0,
    twice: bool = False,
) -> Task:
    """Return an experiment on drawn rows, some longer than those of words and some shorter.

    Alpha-bar is the model's own, to the power of `power`; `twice` is as in `batches_of`.
    """
    generator = torch.Generator().manual_seed(seed)
    table = _embeddings.trained_table(seed)
    rows = torch.randn(runs, checkpoints, table.shape[1], generator=generator)
    lengths = 0.3 + 2.7 * torch.rand(runs, checkpoints, 1, generator=generator)
    return Task(
        _embeddings.UNET,
        _embeddings.text_encoder(table, trainable=[]),
        _embeddings.first_id() + _embeddings.TOKENS.index(word),
        rows * lengths / rows.norm(dim=-1, keepdim=True),
        batches_of(sizes, seed, word, DRAWN, twice=twice),
        alphas_cumprod() ** power,
    )


def pinned_task(power: float) -> Task:
    """Return the experiment on drawn rows whose losses are recorded: its token is the middle one of the new ones."""
    return drawn_task(seed=1, sizes=(2, 3), word=_embeddings.TOKENS[1], power=power)


def first_of_the_least(losses: torch.Tensor) -> tuple[int, int]:
    """Return the place (r, k) of the lowest of losses `[R, K]`, of several the first."""
    return divmod(int(losses.argmin()), losses.shape[1])


def near_task() -> Task:
    """Return an experiment on rows that point nearly where a word, the token or a very long row points.

    One word's row is as long as ten of the others, so that it has a large dot product with nearly every row.
    """
    task = drawn_task(runs=2, checkpoints=2, seed=8, sizes=(1,), word=_embeddings.TOKENS[1])
    table = table_of(task.text_encoder).clone()
    generator = torch.Generator().manual_seed(8)
    words = _embeddings.input_ids(["circle star red night"])[0, 1:5]
    table[words[0]] *= 10
    pointed = torch.stack([table[words[1]] * 3, table[words[2]] * 0.2, table[task.token_id], table[words[3]]])
    noise = torch.randn(pointed.shape, generator=generator)
    rows = pointed + 0.5 * pointed.norm(dim=1, keepdim=True) * noise / noise.norm(dim=1, keepdim=True)
    return task._replace(text_encoder=_embeddings.text_encoder(table, trainable=[]), rows=rows.reshape_as(task.rows))
