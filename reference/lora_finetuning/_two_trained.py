"""Trains the adapters of the experiment with two: `python -m reference.lora_finetuning._two_trained`.

One has seen things on pink, the other things at night, and no caption said so. Writes them, and what the U-Net predicts
with them, beside `exercises/lora_finetuning/checks/_two_adapters.py`, and prints what they have learned.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save

from exercises._shared._lora import Adapter, read_adapter
from exercises._shared._training import alphas_cumprod, input_ids, pixel_values
from exercises.lora_finetuning.checks import _two_adapters as two
from exercises.lora_finetuning.checks._adapters import ALPHA, RANK, adapter_of, put_on
from exercises.lora_finetuning.checks._unets import TARGETS, own
from grader.atomic import write_atomically
from grader.checks.recorded import SUFFIX
from grader.diffusion.stable_diffusion import stable_diffusion
from grader.tinyworld import drawing
from grader.tinyworld.concepts import Example, style_pictures
from grader.tinyworld.recognition import look
from reference.lora_finetuning import _style
from tools.solutions import load_function

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.diffusion.stable_diffusion import StableDiffusion

FILE = Path(two.__file__).with_suffix(SUFFIX)
SOLUTION = Path(__file__).parent / "train_style_lora" / "solution.py"
NIGHT = "at night"
SHOWN = 16


def night_pictures(number: int, seed: int = 0) -> list[Example]:
    """Return things at night, told without their background."""
    rng = random.Random(f"night {seed}")
    told = [
        drawing.Words(shape, colour, rng.choice(list(drawing.SIZES)), rng.choice([None, *drawing.PLACES]))
        for colour in drawing.COLOURS
        for shape in drawing.SHAPES
        if (colour, shape) not in drawing.HELD_OUT
    ]
    return [
        Example(
            drawing.draw(drawing.scene_of(drawing.Description((words,), NIGHT), rng)),
            str(drawing.Description((words,), None)),
        )
        for words in rng.sample(told, number)
    ]


def night_batches(seed: int = 0) -> list[dict[str, torch.Tensor]]:
    """Return the batches of `_style.style_batches` with pictures at night in the place of those on pink."""
    examples, rng = night_pictures(_style.PICTURES, seed), random.Random(seed)
    batches = _style.style_batches(seed)
    for batch in batches:
        shown = rng.sample(examples, _style.BATCH)
        batch["pixel_values"] = pixel_values(*(example.picture for example in shown))
        batch["input_ids"] = input_ids([example.caption for example in shown])
    return batches


def learn(batches: list[dict[str, torch.Tensor]], sd: StableDiffusion, seed: int) -> dict[str, torch.Tensor]:
    """Return the adapter that the reference trains on batches, by "<module>.lora_A" and "<module>.lora_B"."""
    unet = copy.deepcopy(own(sd.unet))
    torch.manual_seed(seed)
    train_style_lora = load_function(SOLUTION, "train_style_lora")
    train_style_lora(unet, own(sd.vae), own(sd.text_encoder), batches, alphas_cumprod(), _style.LEARNING_RATE)
    return {name: value.clone().contiguous() for name, value in adapter_of(unet.state_dict()).items()}


def predictions(adapters: Mapping[str, Adapter], sd: StableDiffusion, timestep: int) -> dict[str, torch.Tensor]:
    """Return what PEFT's own adapters make the U-Net predict for a pinned question: none, each alone, and both."""
    from peft import LoraConfig

    unet = copy.deepcopy(own(sd.unet))
    for name, adapter in adapters.items():
        unet.add_adapter(LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=TARGETS), adapter_name=name)
        for layer, (a, b, _) in adapter.items():
            module = unet.get_submodule(layer)
            module.lora_A[name].weight.data.copy_(a)
            module.lora_B[name].weight.data.copy_(b)
    latents, _, text_embeddings = two.question(sd, timestep)
    found = {}
    for asked, active in {"first": ["pink"], "second": ["night"], "both": ["pink", "night"]}.items():
        unet.set_adapters(active)
        with torch.no_grad():
            found[asked] = unet(latents, timestep, encoder_hidden_states=text_embeddings).sample
    unet.disable_adapters()
    with torch.no_grad():
        found["neither"] = unet(latents, timestep, encoder_hidden_states=text_embeddings).sample
    return found


def main() -> None:
    """Train both adapters, record them with what the U-Net predicts, and print what each has learned."""
    sd = stable_diffusion()
    batches = {"pink": _style.style_batches(), "night": night_batches()}
    trained = {name: learn(given, sd, seed=0) for name, given in batches.items()}
    recorded = {f"{name}/{place}": value for name, found in trained.items() for place, value in found.items()}
    adapters = {name: read_adapter(recorded, name) for name in batches}
    for timestep in two.TIMESTEPS:
        for name, value in predictions(adapters, sd, timestep).items():
            recorded[f"predicted/{timestep}/{name}"] = value.contiguous()
    write_atomically(FILE, save(recorded))
    for name in batches:
        unet = copy.deepcopy(own(sd.unet))
        put_on(unet, trained[name])
        painted = _style.paint(unet, sd, [example.caption for example in style_pictures(SHOWN, 0, held_out=True)])
        print(name, Counter(look(picture).background for picture in painted))


if __name__ == "__main__":
    main()
