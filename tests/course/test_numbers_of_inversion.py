"""What the page of textual inversion says of its runs, of the word and of the adapter, computed again."""

from __future__ import annotations

import re
from functools import partial

import pytest
import torch

from exercises.textual_inversion.checks import _both_ways, _checkpoints, _embeddings, _long_run
from grader.diffusion.stable_diffusion import stable_diffusion
from helpers import lesson_page
from reference.textual_inversion import _hooked, _picture_by_picture, _train_both_ways

says, page_of = (partial(function, "textual_inversion") for function in (lesson_page.says, lesson_page.page_of))


# --- checkpoints of textual inversion ---------------------------------------------------------------------------


def test_two_runs_end_equally_well_in_different_places() -> None:
    task = _checkpoints.real_task()
    found, words = _picture_by_picture.asked(task), _embeddings.own_tokenizer(*_embeddings.TOKENS)
    ends = task.rows[:, -1]
    cosine = float(torch.cosine_similarity(ends[0], ends[1], dim=0))
    drawn = [
        _picture_by_picture.losses(
            task._replace(batches=_checkpoints.batches_of(_checkpoints.SHARED, seed), rows=ends[:, None])
        )
        for seed in range(10, 14)
    ]
    of_circle, of_drawn = ([f"{float(losses[run]):.4f}" for losses in drawn] for run in (0, 1))
    says(
        f"The cosine between both last rows is {cosine:.2f}.",
        f"{', '.join(of_circle[:3])} and {of_circle[3]}, that of the drawn one {', '.join(of_drawn[:3])} and {of_drawn[3]}",
        f"{float(found.losses[1, -1]):.4f} is not better than {float(found.losses[0, -1]):.4f}.",
    )
    for k, steps in enumerate(_checkpoints.STEPS):
        cells = []
        for run in range(2):
            way = f"{float(found.distances[run, k]):.2f}" if k else "0"
            word = words.convert_ids_to_tokens(int(found.nearest[run, k])).removesuffix("</w>")
            cells.append((f"{float(found.losses[run, k]):.4f}", f"{way} | {word} |"))
        (first, left), (second, right) = cells
        assert re.search(
            rf"\| {steps} \| {first} \| \d+ \| {re.escape(left)} {second} \| \d+ \| {re.escape(right)}",
            page_of(),
        )


@pytest.mark.thorough
def test_diamonds_at_every_checkpoint() -> None:
    sd, page = stable_diffusion(), page_of()
    for k, steps in enumerate(_checkpoints.STEPS):
        counts = [
            _long_run.painted(torch.cat([_embeddings.known_table(), run[k][None]]), sd)
            for run in _checkpoints.recorded()["rows"]
        ]
        line = re.search(rf"^\| {steps} \| 0\.00.*$", page, re.MULTILINE)
        assert line is not None
        assert [int(cell) for cell in line[0].split(" | ")[2:7:4]] == counts


# --- a word or an adapter ---------------------------------------------------------------------------------------

SUBJECTS = {"gem": "thing", "pink": "style"}
STRENGTHS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5]


def cells(label: str, numbers: torch.Tensor) -> str:
    """Return a row of the page's table: zeros as 0."""
    return f"| {label} | {' | '.join(f'{number:.4f}' if number else '0' for number in numbers.tolist())} |"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_each_strength_of_a_word_and_of_an_adapter_costs(subject: str) -> None:
    found, name = _hooked.asked(_both_ways.learned_task(subject, STRENGTHS, _both_ways.PICTURES)), SUBJECTS[subject]
    assert not found.drifts[0].any()
    says(
        cells(f"{name}: loss with the adapter", found.losses[1]),
        cells(f"{name}: drift with the adapter", found.drifts[1]),
        f"| {name}: neither | 0 | {found.losses[0, 0]:.4f} |",
        f"| {name}: word | {found.numbers[0]:,.0f} | {found.losses[0, 4]:.4f} |",
        f"| {name}: adapter | {found.numbers[1]:,.0f} | {found.losses[1, 4]:.4f} |",
        f"by {found.drifts[1, 4]:.4f} after the {name}",
    )
    if subject == "gem":
        says(cells("thing: loss with the word", found.losses[0]))


@pytest.mark.thorough
def test_how_many_prompts_show_what_a_word_and_an_adapter_learned() -> None:
    sd, page = stable_diffusion(), page_of()
    for subject, name in SUBJECTS.items():
        prompts = _both_ways.captions(subject, 16, held_out=True)
        for way in ("neither", "word", "adapter"):
            pictures = _train_both_ways.painted(way, subject, prompts, sd)
            count = sum(_train_both_ways.shows(subject, picture) for picture in pictures)
            assert re.search(rf"^\| {name}: {way} \| [\d,]+ \| [\d.]+ \| {count} \|", page, re.MULTILINE)
