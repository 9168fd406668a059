"""What decides the weights of the tiny Stable Diffusion: steps, rates, the noise schedule, the phases of training."""

from dataclasses import dataclass
from typing import NamedTuple

TRAIN_TIMESTEPS = 1000
SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.02, "beta_schedule": "scaled_linear"}


class Phase(NamedTuple):
    """A part of the U-Net's training: half of each batch has at least this timestep, a loss weighs at most this."""

    until: int
    least_timestep: int
    most_weight: float


# What is decided where the noise is strongest, places and pairs, is learned first, the shapes last.
PHASES = (Phase(2250, 600, 200.0), Phase(3500, 400, 20.0), Phase(1_000_000, 200, 4.0))


@dataclass(frozen=True)
class Settings:
    """All that decides the weights; a checkpoint made with other settings is refused.

    What is named after a stage concerns that stage alone.
    """

    seed: int = 0
    ema_decay: float = 0.999
    threads: int = 2
    autoencoder_steps: int = 4000
    autoencoder_pictures: int = 16000
    autoencoder_batch: int = 16
    autoencoder_rate: float = 2e-3
    unet_steps: int = 11000
    unet_steady: int = 6000  # the learning rate falls from here on
    unet_pictures: int = 30000
    unet_batch: int = 48
    unet_rate: float = 1e-3
    unet_latent_spread: float = 1.5
    unet_caption_dropout: float = 0.1
    unet_wrong_captions: float = 0.2


COMMON = ("seed", "ema_decay", "threads")
