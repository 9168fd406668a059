"""The components of a Stable Diffusion as this code uses them; those of diffusers and transformers fit.

The libraries' own annotations do not describe what their models return. Named here is only what is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import torch
    from torch import Tensor, nn


class Network(Protocol):
    """A module of PyTorch: what U-Net, autoencoder and text encoder have in common."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Return its weights."""

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """Return its weights with their names."""

    def to(self, device: str) -> object:
        """Move it to a device."""

    def half(self) -> object:
        """Convert its weights to half precision."""


class UNetConfig(Protocol):
    """The configuration of a U-Net."""

    sample_size: int
    in_channels: int


class Sample(Protocol):
    """What a U-Net returns, `noise_pred`, or a decoder, pixels in [-1, 1]."""

    sample: Tensor


class UNet(Network, Protocol):
    """A U-Net with cross-attention that predicts the noise."""

    config: UNetConfig

    def __call__(self, sample: Tensor, timestep: Tensor | int, encoder_hidden_states: Tensor) -> Sample:
        """Return `noise_pred` for latents `x_t`, `[B, C, h, w]`, at a timestep, with text `[B, L, D]`."""


class LatentDistribution(Protocol):
    """The normal distribution of latents that an encoder returns."""

    mean: Tensor

    def mode(self) -> Tensor:
        """Return its mean."""

    def sample(self, generator: torch.Generator | None = None) -> Tensor:
        """Draw from it."""

    def kl(self) -> Tensor:
        """Return its divergence from the standard normal distribution, `[B]`."""


class Encoded(Protocol):
    """What an encoder returns."""

    latent_dist: LatentDistribution


class AutoencoderConfig(Protocol):
    """The configuration of an autoencoder."""

    scaling_factor: float
    block_out_channels: tuple[int, ...]  # at each resolution; from one to the next, both sides are halved


class Autoencoder(Network, Protocol):
    """A variational autoencoder between pixels `[B, 3, H, W]` in [-1, 1] and latents `[B, C, h, w]`."""

    config: AutoencoderConfig

    def encode(self, x: Tensor) -> Encoded:
        """Return the distribution of unscaled latents."""

    def decode(self, z: Tensor) -> Sample:
        """Return the pixels of unscaled latents."""

    def register_to_config(self, *, scaling_factor: float) -> None:
        """Change its configuration."""


class HiddenStates(Protocol):
    """What a text encoder returns."""

    last_hidden_state: Tensor


class TextEncoder(Network, Protocol):
    """CLIP's text encoder."""

    def __call__(self, input_ids: Tensor) -> HiddenStates:
        """Return the states `[B, L, D]` of token ids `[B, L]`."""


class Tokens(Protocol):
    """What a tokenizer returns."""

    input_ids: Tensor


class Tokenizer(Protocol):
    """CLIP's tokenizer."""

    model_max_length: int
    bos_token_id: int
    eos_token_id: int
    pad_token_id: int

    def __call__(
        self,
        text: str | Sequence[str],
        *,
        padding: str = ...,
        max_length: int = ...,
        truncation: bool = ...,
        return_tensors: str = ...,
    ) -> Tokens:
        """Return the token ids of texts, `[B, L]`."""

    def __len__(self) -> int:
        """Return the number of its tokens."""


class Step(Protocol):
    """What one step of a scheduler returns."""

    prev_sample: Tensor


class Scheduler(Protocol):
    """A noise schedule and the sampler that walks down it."""

    config: Mapping[str, Any]
    timesteps: Tensor
    alphas_cumprod: Tensor

    def set_timesteps(self, num_inference_steps: int) -> None:
        """Choose the timesteps to visit."""

    def add_noise(self, original_samples: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return `x_t` for `x_0`."""

    def step(self, model_output: Tensor, timestep: Tensor | int, sample: Tensor) -> Step:
        """Take one step from `x_t`."""
