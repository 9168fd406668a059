"""How far the reference's results spread: `python -m reference.textual_inversion.spread [SEEDS]`.

Trains the concept with the batches of one seed after the other, as `test_learns_the_concept` does with those of seed 0,
and prints what its thresholds are about: by how much the held-out loss falls, and how many prompts paint the concept.
The thresholds must leave room for the worst of them.
"""

import copy
import sys
import time
from pathlib import Path

from grader.checks import inversion as own
from grader.diffusion import loading
from grader.diffusion.stable_diffusion import stable_diffusion
from tools.solutions import load_function

SOLUTION = Path(__file__).parent / "train_embedding" / "solution.py"
SEEDS = 12


def main() -> None:
    """Print one line for each seed, and the worst of each number."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    train_embedding = load_function(SOLUTION, "train_embedding")
    sd, model = stable_diffusion(), loading.load()
    unet, vae = (copy.deepcopy(module).requires_grad_(False) for module in (model.unet, model.vae))
    before = own.measure_start(sd)
    print(f"before: loss {before.loss:.5f}, {before.painted} of {own.HELD_OUT} painted")
    found = []
    for seed in range(seeds):
        encoder = own.own_text_encoder(own.start_table())
        table = encoder.get_parameter(own.TABLE).requires_grad_(True)
        batches, started = own.training_batches(seed), time.process_time()
        train_embedding(unet, vae, encoder, batches, [own.first_id()], own.alphas_cumprod(), own.RATE)
        seconds = time.process_time() - started
        after = own.measure(table.detach(), sd)
        found.append((1 - after.loss / before.loss, after.painted))
        print(f"seed {seed:2}: loss falls by {found[-1][0]:.1%}, {after.painted} painted, {seconds:.1f} s", flush=True)
    falls, painted = zip(*found, strict=True)
    print(f"least: falls by {min(falls):.1%}, {min(painted)} painted; most: {max(falls):.1%}, {max(painted)}")


if __name__ == "__main__":
    main()
