"""Measures how far training the style spreads: `python -m reference.lora_finetuning.spread [RUNS]`.

Every run of the reference starts from another A, on the very batches that the check has. The bounds in
_style.py are chosen by what is printed here.
"""

import copy
import sys
import time
from pathlib import Path

import torch

from exercises._shared._training import alphas_cumprod
from exercises.lora_finetuning.checks._unets import own
from grader.diffusion.stable_diffusion import stable_diffusion
from reference.lora_finetuning._style import LEARNING_RATE, SHOWN, before, learned, style_batches
from tools.solutions import load_function

SOLUTION = Path(__file__).parent / "train_style_lora" / "solution.py"


def main(runs: int) -> None:
    """Print loss and pink pictures of several runs, and the worst of them."""
    train_style_lora = load_function(SOLUTION, "train_style_lora")
    sd = stable_diffusion()
    was, found = before(sd), []
    print(f"without adapter: held-out loss {was.loss:.4f}, {was.pink} of {SHOWN} on pink")
    for seed in range(runs):
        unet = copy.deepcopy(own(sd.unet))
        torch.manual_seed(seed)
        started = time.process_time()
        losses = train_style_lora(
            unet, own(sd.vae), own(sd.text_encoder), style_batches(), alphas_cumprod(), LEARNING_RATE
        )
        seconds = time.process_time() - started
        found.append(learned(unet, sd))
        share = found[-1].loss / was.loss
        print(
            f"run {seed}: held-out loss {found[-1].loss:.4f} ({share:.2f} of before), {found[-1].pink} of {SHOWN} on "
            f"pink, last losses {sum(losses[-10:]) / 10:.4f}, {seconds:.1f} s",
            flush=True,
        )
    shares = [result.loss / was.loss for result in found]
    pinks = [result.pink for result in found]
    print(f"loss {min(shares):.2f} to {max(shares):.2f} of before; {min(pinks)} to {max(pinks)} of {SHOWN} on pink")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
