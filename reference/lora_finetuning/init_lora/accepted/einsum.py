"""Names the axes."""

import torch


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw columns first: any order of drawing will do."""
    A = torch.randn(weight.shape[1], rank, generator=generator, dtype=weight.dtype).T.contiguous() / rank
    return A, torch.zeros_like(weight[:, :1]).repeat(1, rank)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Sum over named axes."""
    frozen = torch.einsum("...i,oi->...o", x, weight)
    bypass = torch.einsum("...i,ri,or->...o", x, A, B)
    return frozen.add(bypass, alpha=alpha / A.shape[0])
