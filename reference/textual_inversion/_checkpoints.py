"""Makes the runs of the experiment with checkpoints: `python -m reference.textual_inversion._checkpoints`.

Trains `<gem>` from three starts on the same batches, writes the rows that were saved on the way beside
`exercises/textual_inversion/checks/_checkpoints.py`, with pictures that no run saw, encoded, and losses. Prints what
became of each run.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save
from torch.optim.optimizer import register_optimizer_step_post_hook

from exercises._shared._training import alphas_cumprod, pixel_values
from exercises.textual_inversion.checks import _checkpoints as shown
from exercises.textual_inversion.checks import _embeddings, _long_run, _training
from grader.atomic import write_atomically
from grader.checks.recorded import SUFFIX
from grader.diffusion.loading import load
from grader.diffusion.stable_diffusion import stable_diffusion
from reference.textual_inversion import _picture_by_picture
from tools.solutions import load_function

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = Path(shown.__file__).with_suffix(SUFFIX)
TRAIN = Path(__file__).parent / "train_embedding" / "solution.py"
SEED = 3  # of the drawn start


def start_of(run: str, seed: int = SEED) -> torch.Tensor:
    """Return the row `[D]` that a run starts from: a word's, or one drawn, as long as the word "circle"."""
    table = _embeddings.known_table()
    if run != "random":
        return row_of(run)
    drawn = torch.randn(table.shape[1], generator=torch.Generator().manual_seed(seed))
    row: torch.Tensor = drawn * row_of("circle").norm() / drawn.norm()
    return row


def row_of(word: str) -> torch.Tensor:
    """Return the row `[D]` of a word of the model's own."""
    (index,) = _embeddings.own_tokenizer()(word, add_special_tokens=False).input_ids
    row: torch.Tensor = _embeddings.known_table()[index]
    return row


def rows_of(start: torch.Tensor, after: Sequence[int] = shown.STEPS) -> torch.Tensor:
    """Train with the reference from a row `[D]` on the batches of the long run; return it after some steps `[K, D]`."""
    model: Any = load()
    unet, vae = (copy.deepcopy(module).requires_grad_(False) for module in (model.unet, model.vae))
    train_embedding, batches = load_function(TRAIN, "train_embedding"), _long_run.training_batches()
    encoder = _embeddings.own_text_encoder(torch.cat([_embeddings.known_table(), start[None]]))
    table = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    saved = [table.detach()[-1].clone()]

    def save_row(*_: Any) -> None:
        saved.append(table.detach()[-1].clone())

    hook = register_optimizer_step_post_hook(save_row)
    try:
        train_embedding(unet, vae, encoder, batches, [len(table) - 1], alphas_cumprod(), _long_run.RATE)
    finally:
        hook.remove()
    return torch.stack([saved[steps] for steps in after])


@torch.no_grad()
def unseen_latents() -> torch.Tensor:
    """Return the latents `[N, 4, h, w]` of the pictures that the runs are asked about."""
    vae = load().vae
    pictures = [example.picture for example in _training.examples(sum(shown.SHARED), held_out=True)]
    latents: torch.Tensor = vae.encode(pixel_values(*pictures)).latent_dist.mode() * vae.config.scaling_factor
    return latents


def main() -> None:
    """Train the runs, record them, and print the loss, the pictures and the word of every checkpoint."""
    recorded = {"latents": unseen_latents(), "rows": torch.stack([rows_of(start_of(run)) for run in shown.RUNS])}
    write_atomically(FILE, save(recorded))
    real = _picture_by_picture.asked(shown.real_task())
    recorded["losses/real"] = real.losses
    for power in (1.0, 1.5):
        recorded[f"losses/drawn/{power:g}"] = _picture_by_picture.losses(shown.pinned_task(power))
    write_atomically(FILE, save(recorded))
    sd, tokenizer = stable_diffusion(), _embeddings.own_tokenizer(*_embeddings.TOKENS)
    for r, run in enumerate(shown.RUNS):
        for k, steps in enumerate(shown.STEPS):
            table = torch.cat([_embeddings.known_table(), recorded["rows"][r, k][None]])
            numbers = f"loss {real.losses[r, k]:.5f}, distance {real.distances[r, k]:.2f}"
            word = tokenizer.convert_ids_to_tokens(int(real.nearest[r, k]))
            print(f"{run} {steps:3} {numbers}, {_long_run.painted(table, sd)} painted, nearest {word}", flush=True)
    print("best", real.best)


if __name__ == "__main__":
    main()
