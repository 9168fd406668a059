"""How far right solutions differ from diffusers' pipelines, as measured per device, dtype and number of steps.

A table ships with the grader. `grade calibrate` measures what it lacks and writes that into the course's own
`tolerances.json`, whose rows replace those that ship.
"""

from __future__ import annotations

import functools
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from grader.errors import NotAskedError, UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from grader.diffusion.choice import Choice

SCHEMA = "grader.tolerances/1"
SHIPPED = Path(__file__).parent / "tolerances.json"
NAME = "tolerances.json"  # in a course's folder

Quantity = Literal["latents", "encoded", "picture", "loss", "gradients"]


# For the tiny model. Measured of latents after a whole loop: equal loops in other styles (the two halves in one pass or
# in two, another order of sums) differ by up to 7e-6 on one machine; known mistakes start at 9e-3. What is equal within
# rounding may be rounded, or cut off, to either side in a picture: two of 255 levels.
OF_TINY: dict[Quantity, float] = {
    "latents": 5e-4, "encoded": 1e-4, "picture": 2 / 255, "loss": 1e-4, "gradients": 1e-3,
}  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """What was measured of one quantity on a kind of device: "cuda", "mps" or "cpu".

    Quantities are latents after a number of steps, encoded latents, a picture (0 to 1), the loss of a training step,
    and its gradients (each divided by its largest number). `right` is the largest distance of any right solution,
    `wrong` the smallest of the known mistakes, each at its largest; `tolerance` lies between them. Encoding and
    training take no steps; a picture takes those of its latents, 0 for decoding alone. `cases` counts the comparisons
    of right solutions, `made_with` names model and versions, `told` counts the mistakes that can be distinguished from
    right solutions, and `untold` lists those that are too close. `weights` is "seeded" if they were never learned, and
    "tiny" for those of the tiny model.
    """

    device: str
    dtype: str
    quantity: Quantity
    steps: int
    right: float
    wrong: float
    tolerance: float
    cases: int
    made_with: str
    untold: tuple[str, ...] = ()
    told: int = 1
    weights: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What a table has one row of."""
        return self.device, self.dtype, self.quantity, self.steps

    @property
    def margin(self) -> float:
        """How many times farther the nearest mistake is than the farthest right solution."""
        return self.wrong / max(self.right, ROUNDING[self.dtype])


class Table(msgspec.Struct, frozen=True):
    """Rows, at most one of a key."""

    schema: str
    rows: tuple[Row, ...]

    def for_weights(self, *, shipped: bool) -> Table:
        """Return all rows, or those that hold for other weights than seeded ones and the tiny model's."""
        return self if shipped else Table(self.schema, tuple(row for row in self.rows if not row.weights))

    def covers(self, device: str, dtype: str) -> bool:
        """Tell whether anything was measured on a kind of device in a dtype."""
        return any((row.device, row.dtype) == (device, dtype) for row in self.rows)

    def tolerance(self, device: str, dtype: str, quantity: Quantity, steps: int) -> float:
        """Return the tolerance after a number of steps: that of the next larger number that was measured.

        Raises `NotAskedError` if no number that was measured is as large, or if there all known mistakes are as close
        to right solutions as right solutions are to one another.
        """
        fitting = [row for row in self.rows if row.key[:3] == (device, dtype, quantity) and row.steps >= steps]
        if not fitting:
            after = f" after {steps} steps" if steps else ""
            asked = f" --steps {steps}" if steps else ""
            raise NotAskedError(
                f"Pending: no tolerance was measured for {quantity}{after} on {device} in {dtype}. Run "
                f"`grade calibrate --device {device} --dtype {dtype}{asked}` with the model."
            )
        nearest = min(fitting, key=lambda row: row.steps)
        if not nearest.told:
            raise NotAskedError(
                f"Pending: on {device} in {dtype} right and wrong {quantity} cannot be told apart. Grade this with "
                "--dtype float32."
            )
        return nearest.tolerance

    def with_rows(self, rows: tuple[Row, ...]) -> Table:
        """Return the table with rows added, in the place of those of the same key."""
        kept = {row.key: row for row in (*self.rows, *rows)}
        return Table(SCHEMA, tuple(kept[key] for key in sorted(kept)))


# By how much a number changes, relative to itself, when it is rounded to the other side: closer numbers are equal.
ROUNDING = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def between(right: float, wrong: float, dtype: str) -> float:
    """Return the geometric mean of `right`, or one rounding if that is larger, and `wrong`."""
    return float(f"{(max(right, ROUNDING[dtype]) * wrong) ** 0.5:.2g}")


def read(path: Path) -> Table:
    """Return the table in a file, an empty one if there is none; raise `UsageError` if it is not a table."""
    try:
        with reading(path):
            if not path.exists():
                return Table(SCHEMA, ())
            table = msgspec.json.decode(path.read_bytes(), type=Table)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is not a table of tolerances ({error}): remove it, or measure again.") from error
    if table.schema != SCHEMA:
        raise UsageError(f'{path} has the schema "{table.schema}" where "{SCHEMA}" is needed: measure again.')
    return table


def command(model: Choice) -> str:
    """Return the command that measures what the table lacks for a model."""
    named = shlex.quote(model.name or str(model.folder))
    size = f" --pixels {model.pixels}" if model.pixels else ""
    return f"grade calibrate --model {named} --device {model.kind} --dtype {model.dtype}{size}"


def to_json(table: Table) -> str:
    """Return a table as the text of its file, one row a line."""
    rows = ",\n".join("  " + msgspec.json.encode(row).decode() for row in table.rows)
    return f'{{"schema": "{SCHEMA}", "rows": [\n{rows}\n]}}\n'


@functools.cache
def table(course: Path | None) -> Table:
    """Return the rows that ship with the grader, replaced by what was measured for a course where there is both."""
    shipped = read(SHIPPED)
    return shipped if course is None else shipped.with_rows(read(course / NAME).rows)
