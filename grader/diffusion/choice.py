"""Which model exercises run on, where its files are and how it computes; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

TINY_SD = Path(__file__).parent / "tiny_sd"
SD1 = Path(__file__).parent / "sd1"  # the configuration that was published with Stable Diffusion 1.x
NETWORKS = ("unet", "vae", "text_encoder")
WEIGHTS, SEEDED = "_weights", "seeded"  # what the index of a model says whose weights were drawn and never learned


@dataclass(frozen=True)
class Choice:
    """A folder that `StableDiffusionPipeline.from_pretrained` could load; by default the tiny one of this package.

    `name` is the path or name that was asked for; `device` and `dtype` are those of its networks; `pixels` is the side
    of its pictures, 0 for the model's own.
    """

    folder: Path = TINY_SD
    device: str = "cpu"
    dtype: str = "float32"
    pixels: int = 0
    name: str = ""

    @property
    def is_tiny(self) -> bool:
        """Whether it is the tiny model as it ships."""
        return self == TINY

    @property
    def kind(self) -> str:
        """The kind of its device: "cuda" for each of several."""
        return self.device.partition(":")[0]

    @property
    def tier(self) -> Literal["cpu", "gpu"]:
        """The tier of checks that run on it: "cpu" for the tiny model, "gpu" for a real one, even on a CPU."""
        return "cpu" if self.is_tiny else "gpu"

    def arguments(self) -> dict[str, str]:
        """Return the fields as texts, as `chosen` reads them back."""
        return {name: str(getattr(self, name)) for name in ("folder", "device", "dtype", "pixels", "name")}

    def __str__(self) -> str:
        """Return how a report names it."""
        size = f", {self.pixels} pixels" if self.pixels else ""
        return f"{self.name or self.folder} on {self.device} in {self.dtype}{size}"


TINY = Choice()


def chosen(folder: str, device: str, dtype: str, pixels: str, name: str) -> Choice:
    """Return the choice that `Choice.arguments` describes."""
    return Choice(Path(folder), device, dtype, int(pixels), name)
