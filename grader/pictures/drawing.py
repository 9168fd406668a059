"""Chooses and draws the figures of a failing example: what was given, what was expected, what came out instead."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from grader.pictures import figures
from grader.pictures.figures import Panel
from grader.pictures.planes import Planes, entry_to_show, planes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from PIL.Image import Image

    from grader.results import Picture

MOST_FIGURES = 5
MOST_CHANNELS_SHOWN = 4
_LEAST_PLACES = 6  # of a tensor that is drawn
_LEAST_POINTS = 5  # of what is drawn as a line
_MOST_POINTS = 5000
_CURVES = {"alphas_cumprod": "alpha-bar", "betas": "alpha-bar"}
_POINTS = ("timestep", "prev_timestep", "t", "t_start")
_GIVEN = ("x_t", "z_t", "noisy", "noisy_latents", "x_0", "z_0", "latents", "denoised")


class Shown(NamedTuple):
    """What there is to draw of an example.

    `arguments` are those of its last call, `result` what that gave; `values` what came out and what was expected, where
    they were compared, and `pictures` the same as pictures, where a check has made them. `path` is how far a run has
    strayed at each step: timesteps and distances. `decode` makes a picture of latents, where there is a model.
    """

    arguments: Mapping[str, Any]
    result: Any = None
    values: tuple[object, object] | None = None
    pictures: Mapping[str, Image] = {}
    path: Sequence[tuple[float, float]] = ()
    accepted: float = 1e-4
    decode: Callable[[torch.Tensor], Image] | None = None


def figures_of(shown: Shown) -> tuple[Picture, ...]:
    """Return the figures that say more than numbers, the most telling first; none if there is nothing to see."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about numbers that make no picture
        found = [_decoded(shown), _compared(shown), _path(shown), _curve(shown), _lines(shown)]
        if not any(found) or _is_part_of_a_picture(shown):
            found.append(_results(shown))
    return tuple(picture for picture in found if picture is not None)[:MOST_FIGURES]


# --- pictures and planes ---


def _compared(shown: Shown) -> Picture | None:
    """Return expected, yours and the difference of what was compared, channel by channel."""
    actual, expected = shown.values or (None, None)
    entry = 0
    if isinstance(actual, torch.Tensor) and isinstance(expected, torch.Tensor):
        entry = entry_to_show(actual, expected)
    right, mine = planes_of(expected, entry, least_side=1), planes_of(actual, entry, least_side=1)
    if right is None or mine is None or right.numbers.shape != mine.numbers.shape:
        return None
    if not right.colour and right.numbers[0].size < _LEAST_PLACES:
        return None
    given = next(_given(shown, right, entry), None)
    label = "expected, yours, and the difference"
    difference = np.abs(right.numbers - mine.numbers)
    description = f"{label}; {_where_worst(difference)}"
    if right.colour and mine.colour:
        panels = [Panel("expected", right.picture()), Panel("yours", mine.picture())]
        panels.append(_difference(np.abs(right.picture() - mine.picture()).max(axis=-1)))
        if given is not None and given[1].colour:
            panels.insert(0, Panel(given[0], given[1].picture(), mask=_mask_for(shown, right)))
        return figures.rows_of_panels([panels], label, description)
    rows = []
    worst_first = sorted(np.argsort(-difference.max(axis=(1, 2)), kind="stable")[:MOST_CHANNELS_SHOWN])
    for channel in worst_first:
        name = f", channel {channel}" if len(right.numbers) > 1 else ""
        both = np.stack([right.numbers[channel], mine.numbers[channel]])
        limits = float(both.min()), float(both.max()) or 1.0
        panels = [
            Panel(f"expected{name}", both[0], limits), Panel(f"yours{name}", both[1], limits),
            _difference(difference[channel]),
        ]  # fmt: skip
        if given is not None:
            numbers = given[1].numbers[channel]
            mask = _mask_for(shown, right)
            panels.insert(
                0, Panel(f"{given[0]}{name}", numbers, (float(numbers.min()), float(numbers.max())), mask=mask)
            )
        rows.append(panels)
    if entry:
        label += f", of batch entry {entry}"
    return figures.rows_of_panels(rows, label, description)


def _decoded(shown: Shown) -> Picture | None:
    """Return latents as the pictures that they are of: what was given, expected, yours, and the difference."""
    expected, mine = shown.pictures.get("expected"), shown.pictures.get("yours")
    if expected is None or mine is None:
        expected, mine = _decoded_values(shown)
    if expected is None or mine is None or expected.size != mine.size:
        return None
    compared = planes_of((shown.values or (None, None))[1], least_side=1)
    if compared is not None and compared.numbers.shape[:0:-1] == expected.size:
        return None  # what is compared are these pictures
    right, found = (np.asarray(picture.convert("RGB"), dtype=float) / 255 for picture in (expected, mine))
    difference = np.abs(right - found).max(axis=-1)
    panels = [Panel("expected", right), Panel("yours", found), _difference(difference)]
    for name, picture in _pictures_given(shown):
        if picture.size == expected.size:
            colours = np.asarray(picture.convert("RGB"), dtype=float) / 255
            panels.insert(0, Panel(name, colours, mask=_mask_of_size(shown, colours.shape[:2])))
            break
    label = "as pictures: expected, yours, and the difference"
    return figures.rows_of_panels([panels], label, f"{label}; {_where_worst(difference[None])}")


def _decoded_values(shown: Shown) -> tuple[Image | None, Image | None]:
    actual, expected = shown.values or (None, None)
    if shown.decode is None or not (_is_latents(actual) and _is_latents(expected)):
        return None, None
    return shown.decode(expected), shown.decode(actual)  # type: ignore[arg-type]


def _is_latents(value: object) -> bool:
    """Tell whether a tensor has the shape of latents `[B, 4, h, w]`, and numbers that can be decoded."""
    return (
        isinstance(value, torch.Tensor)
        and value.ndim == 4  # noqa: PLR2004 - [B, 4, h, w]
        and value.shape[1] == 4  # noqa: PLR2004
        and value.is_floating_point()
        and bool(value.isfinite().all())
    )


def _pictures_given(shown: Shown) -> Iterator[tuple[str, Image]]:
    """Yield the arguments that are pictures, or latents of pictures."""
    for name, value in shown.arguments.items():
        if hasattr(value, "convert"):
            yield name, value
        elif shown.decode is not None and name in _GIVEN and _is_latents(value):
            yield name, shown.decode(value)


def _given(shown: Shown, like: Planes, entry: int) -> Iterator[tuple[str, Planes]]:
    """Yield the arguments that lie under what was expected, place by place."""
    for name, value in shown.arguments.items():
        planes = planes_of(value, entry, least_side=1) if name in _GIVEN or hasattr(value, "convert") else None
        if planes is not None and planes.numbers.shape == like.numbers.shape:
            yield name, planes


def _mask_for(shown: Shown, like: Planes) -> Any:
    return _mask_of_size(shown, like.numbers.shape[1:])


def _mask_of_size(shown: Shown, size: Sequence[int]) -> Any:
    """Return the argument `mask`, enlarged to whole multiples if it is smaller, None if there is none that fits."""
    mask = planes_of(shown.arguments.get("mask"))
    if mask is None or len(mask.numbers) != 1:
        return None
    rows, columns = (have // own for have, own in zip(size, mask.numbers.shape[1:], strict=True))
    grown = np.kron(mask.numbers[0], np.ones((rows, columns))) if rows and columns else mask.numbers[0]
    return grown if grown.shape == tuple(size) else None


def _difference(numbers: Any) -> Panel:
    return Panel("difference", numbers, (0.0, float(numbers.max()) or 1.0), "magma")


def _where_worst(difference: Any) -> str:
    channel, row, column = np.unravel_index(int(difference.argmax()), difference.shape)
    there = f"row {row}, column {column}" + (f" of channel {channel}" if len(difference) > 1 else "")
    return f"the largest difference is {difference.max():.3g}, in {there}"


def _is_part_of_a_picture(shown: Shown) -> bool:
    """Tell whether what is compared was cut out of a picture that came out: it does not show where it stood there."""
    compared = planes_of((shown.values or (None, None))[0], least_side=1)
    results = shown.result if isinstance(shown.result, tuple | list) else [shown.result]
    pictures = [planes for value in results if (planes := planes_of(value, least_side=1)) is not None and planes.colour]
    return compared is not None and any(each.numbers.shape != compared.numbers.shape for each in pictures)


def _results(shown: Shown) -> Picture | None:
    """Return what was given and what came out, where nothing of it can be compared place by place."""
    results = shown.result if isinstance(shown.result, tuple | list) else [shown.result]
    panels: list[Panel] = []
    for name, value in [*shown.arguments.items(), *(("yours", value) for value in results)]:
        planes = planes_of(value, least_side=1)
        if planes is None or not (name == "yours" or planes.colour):
            continue
        if planes.colour:
            panels.append(Panel(name, planes.picture()))
        elif len(planes.numbers) == 1 and (below := _of_size(panels, planes)) is not None:
            panels.append(Panel("your mask over it", below.array, mask=planes.numbers[0]))
        else:
            numbers = planes.numbers[0]
            panels.append(Panel(name, numbers, (float(numbers.min()), float(numbers.max()) or 1.0)))
    if not any(panel.title != name for panel in panels for name in shown.arguments):
        return None
    return figures.rows_of_panels([panels], "what was given, and what you returned", "the last call as pictures")


def _of_size(panels: Sequence[Panel], planes: Planes) -> Panel | None:
    size = planes.numbers.shape[1:]
    return next((panel for panel in reversed(panels) if panel.limits is None and panel.array.shape[:2] == size), None)


# --- curves ---


def _curve(shown: Shown) -> Picture | None:
    """Return alpha-bar over the timesteps, with those that the call is about."""
    name = next((name for name in _CURVES if _is_line(shown.arguments.get(name), least=2)), None)
    if name is None:
        return None
    numbers = shown.arguments[name].detach().double()
    left = (1 - numbers).cumprod(0) if name == "betas" else numbers
    asked = {key: shown.arguments.get(key) for key in _POINTS}
    listed = shown.arguments.get("timesteps")
    if isinstance(listed, torch.Tensor) and listed.ndim == 1 and listed.numel():
        asked |= {"first timestep": listed[0], "last timestep": listed[-1]}
    places = {key: at for key, value in asked.items() if (at := _place(value, len(left))) is not None}
    marks = [(key, float(at), float(left[at])) for key, at in places.items()]
    actual, expected = map(_number, shown.values or (None, None))
    levels = []
    if actual is not None and expected is not None and 0 <= actual <= 1 and _is_level(expected, left):
        levels = [("expected", expected), ("yours", actual)]
    if not marks and not levels:
        return None
    said = "; ".join(f"{key} {x:g} has {y:.4g}" for key, x, y in marks)
    return figures.curve(
        list(range(len(left))), left.tolist(), marks=marks, levels=levels,
        titles=("timestep", "alpha-bar"), label="alpha-bar of the schedule, with the timesteps of this call",
        description=f"a falling curve of alpha-bar; {said}",
    )  # fmt: skip


def _is_level(number: float, alpha_bar: torch.Tensor) -> bool:
    """Tell whether a number is an alpha-bar, of the schedule or of the clean picture, and not just as small as one."""
    return bool(torch.isclose(alpha_bar, torch.tensor(number, dtype=alpha_bar.dtype), atol=1e-6).any()) or number == 1


def _number(value: object) -> float | None:
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_complex():
        value = value.item()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _place(value: object, length: int) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < length and number.is_integer() else None


def _lines(shown: Shown) -> Picture | None:
    """Return two sequences of numbers as lines."""
    actual, expected = shown.values or (None, None)
    if not (_is_line(actual) and _is_line(expected)) or len(actual) != len(expected):  # type: ignore[arg-type]
        return None
    mine, right = (torch.as_tensor(value).detach().double() for value in (actual, expected))
    worst = int((mine - right).abs().nan_to_num(nan=float("inf")).argmax())
    return figures.two_lines(
        right.tolist(), mine.tolist(), ("position", "value"), "the numbers expected, and yours",
        f"two lines that are furthest apart at position {worst}",
    )  # fmt: skip


def _is_line(value: object, least: int = _LEAST_POINTS) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and value.ndim == 1
        and least <= len(value) <= _MOST_POINTS
        and value.is_floating_point()
        and bool(value.isfinite().all())
    )


def _path(shown: Shown) -> Picture | None:
    """Return how far a run strays from the right one, step by step."""
    if not shown.path:
        return None
    timesteps, distances = zip(*shown.path, strict=True)
    finite = [distance if np.isfinite(distance) else 1e6 for distance in distances]
    first = next((t for t, distance in shown.path if not distance <= shown.accepted), None)
    said = "every step is right" if first is None else f"it is wrong from timestep {first:g} on"
    return figures.steps(
        timesteps, finite, shown.accepted, "how far each sample that the model sees is from the right one", said
    )
