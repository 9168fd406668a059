"""One training run that can be stopped, and ends at the same weights as one that was not."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import typer
from torch import Tensor, nn

from tools.tiny_sd.settings import COMMON, Settings


@dataclass
class Stage:
    """One training run that can be stopped: weights, their running mean, optimiser, and where it is."""

    name: str
    model: nn.Module
    settings: Settings
    steps: int
    rate: float
    steady: int
    folder: Path

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.AdamW(self.model.parameters(), self.rate, betas=(0.9, 0.99), weight_decay=1e-3)
        self.mean = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.step = 0
        self.losses: list[float] = []
        self.seconds = 0.0

    @property
    def checkpoint(self) -> Path:
        """The file that the run is saved in."""
        return self.folder / f"{self.name}.pt"

    def run(self, loss_of: Callable[[torch.Generator], Tensor], every: int) -> None:
        """Train up to the last step; `loss_of` draws all it needs from the generator of its step."""
        self.restore()
        started = time.perf_counter() - self.seconds
        while self.step < self.steps:
            seed = self.settings.seed * 1_000_003 + self.step
            generator = torch.Generator().manual_seed(seed)
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate * self.share(self.step)
            loss = loss_of(generator)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            self.step += 1
            self.average()
            self.losses.append(loss.item())
            self.seconds = time.perf_counter() - started
            if self.step % 100 == 0 or self.step == self.steps:
                left = self.seconds / self.step * (self.steps - self.step)
                recent = sum(self.losses[-100:]) / len(self.losses[-100:])
                print(f"{self.name}: step {self.step} of {self.steps}, loss {recent:.4f}, {left / 60:.1f} minutes left",
                      flush=True)  # fmt: skip
            if self.step % every == 0 or self.step == self.steps:
                self.save()
                print(f"{self.name}: saved at step {self.step}", flush=True)
        self.model.load_state_dict(self.mean)
        self.model.eval().requires_grad_(False)

    def share(self, step: int) -> float:
        """Return the share of the learning rate: 200 steps of warm-up, steady, then a cosine down to a hundredth."""
        warm = min(200, max(1, self.steps // 10))
        if step < warm:
            return (step + 1) / warm
        steady = max(warm, self.steady)
        fallen = max(0, step - steady) / max(1, self.steps - steady)
        return 0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * fallen)))

    @torch.no_grad()
    def average(self) -> None:
        """Move the running mean of the weights a little towards the weights."""
        decay = min(self.settings.ema_decay, (1 + self.step) / (10 + self.step))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.mean[name].lerp_(value, 1 - decay)

    def made_alike(self, settings: dict[str, Any]) -> bool:
        """Tell whether a checkpoint of this stage was made with equal settings, other stages' apart."""
        own = {name: value for name, value in asdict(self.settings).items() if name in COMMON or self.name in name}
        return all(settings.get(name) == value for name, value in own.items())

    def save(self) -> None:
        """Write the checkpoint, all or nothing."""
        state = {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "losses": self.losses,
            "seconds": self.seconds,
        }
        partial = self.checkpoint.with_suffix(".part")
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def restore(self) -> None:
        """Go on from the checkpoint if there is one; raise `typer.BadParameter` if it is another run's."""
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, weights_only=True)
        if not self.made_alike(state["settings"]):
            raise typer.BadParameter(f"{self.folder} holds a run with other settings; give another --work folder.")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mean, self.step = state["mean"], state["step"]
        self.losses, self.seconds = state["losses"], state["seconds"]
        print(f"{self.name}: going on from step {self.step}", flush=True)
