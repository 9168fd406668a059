"""Floors with // and a tensor."""

import torch


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return the start, floored by division."""
    running = torch.tensor(strength, dtype=torch.float64) * num_inference_steps // 1
    return num_inference_steps - int(running)
