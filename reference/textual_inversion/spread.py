"""How far the reference's results spread: `python -m reference.textual_inversion.spread [SEEDS]`.

Trains the concept with the batches of one seed after the other, as `test_learns_the_concept` does with those of seed 0,
and prints what its thresholds are about: by how much the held-out loss falls, and how many prompts paint the concept.
The thresholds must leave room for the worst of them.
"""

import copy
import sys
import time
from pathlib import Path

from exercises._shared._training import alphas_cumprod
from exercises.textual_inversion.checks import _embeddings, _long_run
from grader.diffusion import loading
from grader.diffusion.stable_diffusion import stable_diffusion
from reference.textual_inversion._training import held_out_loss
from tools.solutions import load_function

SOLUTION = Path(__file__).parent / "train_embedding" / "solution.py"
SEEDS = 12


def main() -> None:
    """Print one line for each seed, and the worst of each number."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    train_embedding = load_function(SOLUTION, "train_embedding")
    sd, model = stable_diffusion(), loading.load()
    unet, vae = (copy.deepcopy(module).requires_grad_(False) for module in (model.unet, model.vae))
    before = held_out_loss(_long_run.start_table())
    print(f"before: loss {before:.5f}, {_long_run.painted_before(sd)} of {_long_run.HELD_OUT} painted")
    found = []
    for seed in range(seeds):
        encoder = _embeddings.own_text_encoder(_long_run.start_table())
        table = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
        batches, started = _long_run.training_batches(seed), time.process_time()
        train_embedding(unet, vae, encoder, batches, [_embeddings.first_id()], alphas_cumprod(), _long_run.RATE)
        seconds = time.process_time() - started
        found.append((1 - held_out_loss(table.detach()) / before, _long_run.painted(table.detach(), sd)))
        print(f"seed {seed:2}: loss falls by {found[-1][0]:.1%}, {found[-1][1]} painted, {seconds:.1f} s", flush=True)
    falls, painted = zip(*found, strict=True)
    print(f"least: falls by {min(falls):.1%}, {min(painted)} painted; most: {max(falls):.1%}, {max(painted)}")


if __name__ == "__main__":
    main()
