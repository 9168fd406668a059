"""Figures of failing examples: what is drawn of which data, what is said of it in words, and that drawing decides nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image

from grader.pictures import figures
from grader.pictures.drawing import Shown, figures_of
from grader.pictures.planes import planes_of
from grader.pictures.small import small_pictures
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.results import Picture

LATENTS = torch.randn(2, 4, 16, 16, generator=torch.Generator().manual_seed(0))
HALF = torch.cat([torch.zeros(1, 1, 16, 8), torch.ones(1, 1, 16, 8)], dim=-1)


def labels(**shown: Any) -> list[str]:
    return [picture.label for picture in figures_of(Shown(**{"arguments": {}, **shown}))]


def changed(tensor: torch.Tensor, place: tuple[int, ...]) -> torch.Tensor:
    other = tensor.clone()
    other[place] += 3
    return other


def image(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png))


def test_latents_are_compared_by_channel_in_the_batch_entry_that_differs() -> None:
    (figure,) = figures_of(Shown({}, values=(changed(LATENTS, (1, 2, 5, 7)), LATENTS)))
    assert figure.label == "expected, yours, and the difference, of batch entry 1"
    assert figure.description.endswith("the largest difference is 3, in row 5, column 7 of channel 2")
    assert image(figure).width > 400


def test_latents_with_a_model_are_shown_as_pictures_under_their_mask() -> None:
    def decode(latents: torch.Tensor) -> Image.Image:
        small = Image.fromarray((latents[0, :3].movedim(0, -1).sigmoid() * 255).to(torch.uint8).numpy())
        return small.resize((64, 64))

    given = {"z_0": LATENTS, "mask": HALF}
    shown = Shown(given, values=(changed(LATENTS, (0, 1, 1, 1)), LATENTS), decode=decode)
    assert [picture.label for picture in figures_of(shown)] == [
        "as pictures: expected, yours, and the difference", "expected, yours, and the difference",
    ]  # fmt: skip
    without = figures_of(shown._replace(arguments={"z_0": LATENTS}))
    assert [picture.png for picture in without] != [picture.png for picture in figures_of(shown)]  # the mask is drawn


def test_what_cannot_be_compared_is_shown_as_it_was_given_and_returned() -> None:
    picture = Image.new("RGB", (4, 4), (10, 200, 30))
    canvas = Image.new("RGB", (4, 8))
    assert labels(arguments={"image": picture}, result=(canvas, torch.ones(1, 1, 8, 4)), values=(0, 16)) == [
        "what was given, and what you returned"
    ]


def test_what_is_compared_in_part_is_also_shown_whole() -> None:
    picture = Image.new("RGB", (4, 4), (10, 200, 30))
    canvas, part = Image.new("RGB", (4, 8)), torch.zeros(4, 4, 3, dtype=torch.uint8)
    given = {"arguments": {"image": picture}, "values": (part, part + 9)}
    whole = "what was given, and what you returned"
    assert labels(**given, result=(canvas, torch.ones(1, 1, 8, 4))) == ["expected, yours, and the difference", whole]
    assert whole not in labels(**given, result=picture)


def test_a_number_that_is_no_alpha_bar_is_not_drawn_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[Any]] = []
    curve = figures.curve
    monkeypatch.setattr(
        figures, "curve", lambda *a, **named: (drawn.append(list(named["levels"])), curve(*a, **named))[1]
    )
    given = {"alphas_cumprod": torch.tensor([0.9, 0.5, 0.1]), "timesteps": torch.tensor([2, 0])}
    for expected in (0.1, 1.0, 0.3):
        figures_of(Shown(given, values=(0.5, expected)))
    assert drawn == [[("expected", 0.1), ("yours", 0.5)], [("expected", 1.0), ("yours", 0.5)], []]


def test_a_schedule_is_a_curve_with_the_points_of_the_call() -> None:
    given = {"alphas_cumprod": torch.tensor([0.9, 0.5, 0.1]), "timesteps": torch.tensor([2, 0])}
    (figure,) = figures_of(Shown(given, values=(0.5, 0.1)))
    assert figure.label == "alpha-bar of the schedule, with the timesteps of this call"
    assert "first timestep 2 has 0.1; last timestep 0 has 0.9" in figure.description


def test_betas_are_shown_as_alpha_bar() -> None:
    (figure,) = figures_of(Shown({"betas": torch.tensor([0.5, 0.5]), "timestep": 1}))
    assert "timestep 1 has 0.25" in figure.description


def test_a_run_is_shown_step_by_step() -> None:
    (figure,) = figures_of(Shown({}, path=[(900, 0.0), (500, 1e-6), (100, 0.3)], accepted=1e-4))
    assert figure.description == "it is wrong from timestep 100 on"
    assert labels(path=[(900, float("nan"))]) == ["how far each sample that the model sees is from the right one"]


def test_sequences_are_lines() -> None:
    (figure,) = figures_of(Shown({}, values=(torch.arange(6.0), torch.arange(6.0).roll(1))))
    assert figure.description == "two lines that are furthest apart at position 0"


@pytest.mark.parametrize(
    "values",
    [
        None,
        (1, 2),
        (torch.ones(1), torch.zeros(1)),
        (torch.ones(3, 3), torch.ones(4, 4)),
        (torch.ones(2, dtype=torch.complex64), torch.ones(2, dtype=torch.complex64)),
        ("a", [1]),
    ],
)
def test_there_is_nothing_to_see_in_a_few_numbers(values: Any) -> None:
    assert labels(values=values) == []


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), 1e30])
def test_odd_numbers_are_drawn_or_left_out_and_break_nothing(odd: float) -> None:
    wrong = LATENTS.clone()
    wrong[0, 0, 0, 0] = odd
    assert labels(values=(wrong, LATENTS)) == ["expected, yours, and the difference"]


@pytest.mark.parametrize(
    ("value", "colour", "shape"),
    [
        (Image.new("L", (3, 2)), True, (3, 2, 3)),
        (torch.zeros(2, 3, 3, dtype=torch.uint8), True, (3, 2, 3)),
        (torch.rand(1, 3, 8, 9) * 2 - 1, True, (3, 8, 9)),
        (torch.rand(1, 3, 8, 9) * 9, False, (3, 8, 9)),
        (torch.zeros(5, 6), False, (1, 5, 6)),
        (torch.zeros(1, 4, 8, 8), False, (4, 8, 8)),
    ],
)
def test_values_are_seen_as_planes(value: Any, colour: bool, shape: tuple[int, ...]) -> None:
    planes = planes_of(value)
    assert planes is not None
    assert (planes.colour, planes.numbers.shape) == (colour, shape)


@pytest.mark.parametrize("value", [3, None, torch.zeros(4), torch.zeros(1, 99, 8, 8), torch.zeros(0, 3, 8, 8), "x"])
def test_other_values_are_not(value: Any) -> None:
    assert planes_of(value) is None


def test_small_pictures_share_one_scale() -> None:
    pictures = small_pictures(
        (torch.full((1, 1, 8, 8), 0.5), torch.cat([torch.zeros(1, 1, 8, 4), torch.ones(1, 1, 8, 4)], -1))
    )
    assert np.asarray(pictures["yours"]).mean() == pytest.approx(128, abs=1)
    assert set(np.unique(np.asarray(pictures["expected"]))) == {0, 255}
    assert small_pictures((LATENTS, LATENTS)) == {}  # four channels are no colours
    assert small_pictures((3, 4)) == {}


# --- in a verdict ---

SEES = {
    "exercises/numbers/double.py": "import torch\ndef double(number: torch.Tensor) -> torch.Tensor:\n    raise NotImplementedError\n",
    "exercises/numbers/checks/test_double.py": '''
import torch
from grader.checks import assert_close

def test_double_of_two(submission):
    """Twice two is four."""
    given = torch.ones(1, 1, 8, 8)
    assert_close(submission.double(given), given * 2, "Twice two is four.")
''',
    "reference/numbers/double/test_hidden.py": '''
import torch
from grader.checks import assert_close

def test_double_of_minus_three(submission):
    """Negative numbers are doubled too."""
    given = -torch.ones(1, 1, 8, 8)
    assert_close(submission.double(given), given * 2, "Twice.")
''',
    "reference/numbers/double/wrong/unchanged.py": None,
}  # fmt: skip


@pytest.fixture
def drawn(graded: Callable, monkeypatch: pytest.MonkeyPatch) -> Callable:
    def grade(source: str) -> Any:
        from grader.grading import Grader

        with monkeypatch.context() as changed:
            usual = Grader.grade
            changed.setattr(Grader, "grade", lambda self, *given: usual(self.with_figures(), *given))
            return graded(source, SEES)

    return grade


def test_only_public_checks_have_figures(drawn: Callable) -> None:
    public, hidden = drawn("def double(number): return number * 3").checks
    assert [picture.label for picture in public.counterexample.pictures] == ["expected, yours, and the difference"]
    assert hidden.outcome is Outcome.FAILED
    assert hidden.counterexample.pictures == ()


def test_a_drawing_that_breaks_changes_no_verdict(drawn: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.pictures.drawing.figures_of", lambda _shown: 1 / 0)
    public, _ = drawn("def double(number): return number * 3").checks
    assert public.outcome is Outcome.FAILED
    assert [picture.label for picture in public.counterexample.pictures] == ["expected", "yours"]
