"""Training in the judge, without the seconds that torch.optim takes to import a compiler."""

from __future__ import annotations

import torch

FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8


class AdamW:
    """AdamW of one parameter, step by step equal to `torch.optim.AdamW` with its default decays.

    p <- p (1 - lr * weight_decay);  p <- p - lr * m_hat / (sqrt(v_hat) + eps), with m and v the running means
    of the gradient and of its square, each divided by 1 - decay^step. Source: Loshchilov and Hutter,
    "Decoupled Weight Decay Regularization" (2019), algorithm 2.
    """

    def __init__(self, parameter: torch.nn.Parameter, *, learning_rate: float, weight_decay: float) -> None:
        self.parameter = parameter
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.mean = torch.zeros_like(parameter)
        self.mean_of_squares = torch.zeros_like(parameter)
        self.steps_done = 0

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameter along its gradient, which is zero where it has none."""
        gradient = self.parameter.grad
        if gradient is None:
            gradient = torch.zeros_like(self.parameter)
        self.steps_done += 1
        self.mean.lerp_(gradient, 1 - FIRST_DECAY)
        self.mean_of_squares.lerp_(gradient**2, 1 - SECOND_DECAY)
        mean = self.mean / (1 - FIRST_DECAY**self.steps_done)
        mean_of_squares = self.mean_of_squares / (1 - SECOND_DECAY**self.steps_done)
        self.parameter.mul_(1 - self.learning_rate * self.weight_decay)
        self.parameter.sub_(self.learning_rate * mean / (mean_of_squares.sqrt() + EPSILON))
