"""How far right solutions stray from diffusers' pipelines, as measured per device, dtype and number of steps.

The table ships with the grader; `grade calibrate` measures what it lacks and writes it into the course's own
`tolerances.json`, which goes before.
"""

from __future__ import annotations

import functools
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from grader.errors import GraderError, UsageError
from grader.faults import reading

if TYPE_CHECKING:
    from grader.diffusion.choice import Choice

SCHEMA = "grader.tolerances/1"
SHIPPED = Path(__file__).parent / "tolerances.json"
NAME = "tolerances.json"  # in a course's folder

Quantity = Literal["latents", "encoded", "picture"]


class Row(msgspec.Struct, frozen=True):
    """What was measured of one quantity: latents after so many steps, encoded latents, or a picture (0 to 1).

    `right` is the largest distance of any right solution, `wrong` the smallest of the known mistakes, each at its
    largest; `tolerance` lies between them. Encoding takes no steps; a picture takes those of its latents, 0 for
    decoding alone. `cases` counts the comparisons of right solutions, `made_with` names model and versions, `untold`
    the mistakes that come too near to what is right to be told from it.
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

    def covers(self, device: str, dtype: str) -> bool:
        """Tell whether anything was measured on a device in a dtype."""
        return any((row.device, row.dtype) == (device, dtype) for row in self.rows)

    def tolerance(self, device: str, dtype: str, quantity: Quantity, steps: int) -> float:
        """Return the tolerance after so many steps: that of the next larger number that was measured.

        Raises `GraderError` if none is as large.
        """
        fitting = [row for row in self.rows if row.key[:3] == (device, dtype, quantity) and row.steps >= steps]
        if not fitting:
            raise GraderError(
                f"No tolerance was measured for {quantity} after {steps} steps on {device} in {dtype}: "
                f"run `grade calibrate --device {device} --dtype {dtype} --steps {steps}` with the model."
            )
        return min(fitting, key=lambda row: row.steps).tolerance

    def with_rows(self, rows: tuple[Row, ...]) -> Table:
        """Return the table with rows added, in the place of those of the same key."""
        kept = {row.key: row for row in (*self.rows, *rows)}
        return Table(SCHEMA, tuple(kept[key] for key in sorted(kept)))


# What one number may be off by where it was rounded to the other side, relative to it: what is nearer is equal.
ROUNDING = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def between(right: float, wrong: float, dtype: str) -> float:
    """Return the tolerance that is as many times above `right`, or one rounding, as it is below `wrong`."""
    return float(f"{(max(right, ROUNDING[dtype]) * wrong) ** 0.5:.2g}")


def read(path: Path) -> Table:
    """Return the table in a file, an empty one if there is none; raise `UsageError` if it is no table."""
    try:
        with reading(path):
            if not path.exists():
                return Table(SCHEMA, ())
            table = msgspec.json.decode(path.read_bytes(), type=Table)
    except msgspec.MsgspecError as error:
        raise UsageError(f"{path} is no table of tolerances ({error}): remove it, or measure again.") from error
    if table.schema != SCHEMA:
        raise UsageError(f'{path} has the schema "{table.schema}" where "{SCHEMA}" is needed: measure again.')
    return table


def command(model: Choice) -> str:
    """Return the command that measures what the table lacks for a model."""
    named = shlex.quote(model.name or str(model.folder))
    return f"grade calibrate --model {named} --device {model.device} --dtype {model.dtype}"


def to_json(table: Table) -> str:
    """Return a table as the text of its file, one row a line."""
    rows = ",\n".join("  " + msgspec.json.encode(row).decode() for row in table.rows)
    return f'{{"schema": "{SCHEMA}", "rows": [\n{rows}\n]}}\n'


@functools.cache
def table(course: Path) -> Table:
    """Return the rows that ship with the grader, and in their place what was measured for a course."""
    return read(SHIPPED).with_rows(read(course / NAME).rows)
