"""Alpha-bar is taken to fall in a straight line: 1 - strength.

It would be handy, but the schedule is not a straight line. On Stable Diffusion's, strength 0.5 leaves alpha-bar
0.302 and strength 0.7 leaves 0.095. The number has to be looked up at the timestep where the run starts.
"""

import torch

CAUGHT_BY = "test_worked_example"


def start_alpha_bar(
    strength: float,
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> float:
    """Return what is left of 1."""
    return 1.0 - strength
