"""What check files of several lessons share draws what it promises."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
import torch
from hypothesis import find, given, settings

from exercises._shared import _schedules
from exercises.img2img_and_inpainting.checks import _masks, _strengths
from exercises.sampling_and_generation.checks import _steps
from exercises.textual_inversion.checks import _trained_tables
from grader.checks import strategies as draw

ROOT = Path(__file__).parents[2]
X_T = torch.tensor([[0.5, -1.25], [2.0, 4.0]])

quick = settings(database=None, derandomize=True, max_examples=50)


@quick
@given(step=_steps.steps(min_timestep=1, longest=30))
def test_steps_keep_their_promises(step: _steps.Step) -> None:
    assert 1 <= step.timestep < len(step.betas) <= 30
    assert step.x_t.shape == step.noise_pred.shape == step.z.shape
    assert {step.x_t.dtype, step.noise_pred.dtype, step.betas.dtype, step.z.dtype} == {step.x_t.dtype}
    assert step.betas.min() >= 0.9999e-4
    assert step.betas.max() < 0.999


def test_alpha_bar_of_a_free_schedule_stays_a_normal_number_at_worst() -> None:
    assert torch.finfo(torch.float32).tiny < 0.01**_schedules.LONGEST_FREE


@quick
@given(step=_steps.steps(max_timestep=0))
def test_steps_may_be_held_at_timestep_zero(step: _steps.Step) -> None:
    assert step.timestep == 0


def test_tolerance_of_a_step_grows_where_little_noise_has_been_added() -> None:
    betas = _schedules.make_betas("linear", 1000).float()
    early, late = (_steps.Step(X_T, X_T, timestep, betas, X_T).tolerance for timestep in (0, 500))
    assert early == pytest.approx(1e-4 + 16 * 2**-23 / 1e-4, rel=0.01)
    assert late == pytest.approx(1e-4, rel=0.1)


@quick
@given(blend=_masks.blends())
def test_soft_masks_have_places_on_both_sides_of_a_half(blend: _masks.Blend) -> None:
    assert blend.mask.shape == (1, 1, *blend.denoised.shape[2:])
    assert 0 <= blend.mask.min() < 0.5
    assert blend.mask.numel() == 1 or 0.5 < blend.mask.max() <= 1


@pytest.mark.parametrize("seed", range(5))
def test_twenty_blends_hold_a_batch_of_pictures_of_one_column(seed: int) -> None:
    found = []

    @hypothesis.seed(seed)
    @settings(database=None, max_examples=20)
    @given(blend=_masks.blends())
    def look(blend: _masks.Blend) -> None:
        found.append(blend.denoised.shape)

    look()
    assert any(height > 1 and width == 1 for _, _, height, width in found)


@pytest.mark.parametrize("size", [(3, 1), (1, 3), (1, 1)])
def test_blends_may_be_as_narrow_as_one_place(size: tuple[int, int]) -> None:
    blend = find(_masks.blends(), lambda drawn: drawn.denoised.shape[2:] == size and min(drawn.denoised.shape[:2]) > 1)
    assert blend.mask.shape == (1, 1, *size)


@quick
@given(drawn=_trained_tables.trained_tables())
def test_every_row_of_a_trained_table_has_moved(drawn: _trained_tables.TrainedTable) -> None:
    assert bool((drawn.table != drawn.original).any(dim=1).all())
    assert drawn.table.grad is not None
    assert 0 < len(set(drawn.trained_ids)) == len(drawn.trained_ids)


@quick
@given(dtype=draw.dtypes(), seed=draw.seeds())
def test_near_moves_shrink_every_row_by_no_more_than_weight_decay(dtype: torch.dtype, seed: int) -> None:
    (original,) = draw.random_tensors(1, (6, 4), dtype, seed, decimals=None)
    share = 1 - _trained_tables.move(original, "near", seed).double() / original.double()
    assert share.min() > 0
    assert share.max() < _trained_tables.MOST_NEAR + 2e-7


@quick
@given(dtype=draw.dtypes(), seed=draw.seeds())
def test_moves_of_one_ulp_reach_one_number_of_each_row(dtype: torch.dtype, seed: int) -> None:
    (original,) = draw.random_tensors(1, (6, 4), dtype, seed, decimals=None)
    moved = _trained_tables.move(original, "one ulp", seed)
    assert (moved != original).sum(dim=1).tolist() == [1] * 6
    assert bool((torch.nextafter(moved, torch.full_like(moved, -math.inf)) <= original).all())


@quick
@given(strength=_strengths.strengths(5000))
def test_strengths_are_drawn_away_from_ties(strength: float) -> None:
    assert abs(strength * 5000 - round(strength * 5000)) > 1e-6


@quick
@given(run=_strengths.runs(longest=30))
def test_runs_are_neither_longer_than_asked_nor_at_an_end(run: _strengths.Run) -> None:
    assert 0 < run.strength < 1
    assert 1 <= run.num_inference_steps <= 30


@quick
@given(run=_strengths.tied_runs())
def test_tied_strengths_are_at_ties(run: _strengths.Run) -> None:
    product = run.strength * run.num_inference_steps
    assert product == pytest.approx(round(product), abs=1e-9)
    assert 0 < round(product) < run.num_inference_steps


@quick
@given(run=_strengths.partial_runs())
def test_partial_runs_have_two_strengths_on_each_side_of_a_half(run: tuple[tuple[float, ...], int, int]) -> None:
    strengths, num_inference_steps, whole = run
    assert 1 <= whole < num_inference_steps
    least, low, high, most = (_strengths.exact_product(strength, num_inference_steps) - whole for strength in strengths)
    assert 1e-6 < least < 1e-5 < low < 0.5 < high < 1 - 1e-5 < most < 1 - 1e-6


def test_the_product_at_a_tie_is_exact() -> None:
    assert _strengths.exact_product(0.29, 100) == 29
    assert _strengths.is_tie(0.29, 100)
    assert not _strengths.is_tie(0.291, 100)


def test_helpers_on_tensors_import_nothing_heavy_but_torch() -> None:
    code = (
        "import sys, torch\n"
        "from exercises._shared._adamw import AdamW\n"
        "from exercises._shared import _schedules, _training\n"
        "AdamW(torch.nn.Parameter(torch.ones(1)), learning_rate=0.1, weight_decay=0.1).step()\n"
        "print({'diffusers', 'torch._dynamo', 'pytest'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"
