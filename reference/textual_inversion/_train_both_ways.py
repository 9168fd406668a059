"""Trains a word and an adapter on a thing and on a style: `python -m reference.textual_inversion._train_both_ways`.

Writes what they have learned beside `exercises/textual_inversion/checks/_both_ways.py`, with the latents of pictures
that neither has seen and with what the project must find, and prints what each of them paints.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import save

from exercises._shared._training import Batch, alphas_cumprod, make_batch, pixel_values
from exercises.lora_finetuning.checks._adapters import adapter_of
from exercises.textual_inversion.checks import _both_ways, _embeddings, _training
from exercises.textual_inversion.checks._measured_networks import table_of
from grader.atomic import write_atomically
from grader.checks.recorded import SUFFIX
from grader.diffusion.loading import load
from grader.diffusion.stable_diffusion import StableDiffusion, stable_diffusion
from grader.tinyworld.concepts import style_pictures
from grader.tinyworld.drawing import UNNAMED_SHAPE
from grader.tinyworld.recognition import look
from reference.lora_finetuning._hooks import beside
from reference.lora_finetuning._style import STYLE, paint
from reference.textual_inversion import _hooked
from tools.solutions import load_function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

REFERENCE = Path(__file__).parents[1]
FILE = Path(_both_ways.__file__).with_suffix(SUFFIX)
START = {"gem": "circle", "pink": "small"}  # the word whose row each token starts as
PICTURES, BATCHES, BATCH = 12, 200, 4
RATES = {"word": 5e-3, "adapter": 1e-2}
SHOWN = 16  # prompts that are painted
PLAIN = (
    "a red circle on white",
    "a big yellow star at night",
    "a blue square on the left on sand",
    "a green triangle in the sky",
    "a purple ring on black",
    "a small cyan cross on gray",
)


def pictures(subject: str, number: int, *, held_out: bool = False) -> list[Image.Image]:
    """Return pictures of a subject, those of `_both_ways.captions`."""
    if subject == "gem":
        return [example.picture for example in _training.examples(number, held_out=held_out)]
    return [example.picture for example in style_pictures(number, 0, held_out=held_out)]


def batches(subject: str) -> list[Batch]:
    """Return the batches that both ways are trained on: some of a dozen pictures each, under drawn noise."""
    generator = torch.Generator().manual_seed(0)
    shown, ids = pictures(subject, PICTURES), input_ids(_both_ways.captions(subject, PICTURES))
    found = []
    for chosen in torch.randint(PICTURES, (BATCHES, BATCH), generator=generator).tolist():
        batch = make_batch([shown[index] for index in chosen], ids[chosen], generator)
        if subject == "pink":  # a background is decided where there is most noise: these timesteps come more often
            batch["timesteps"] = (batch["timesteps"] * 1000).sqrt().long()
        found.append(batch)
    return found


def input_ids(prompts: Sequence[str]) -> torch.Tensor:
    """Return the ids of prompts in which the new token may stand."""
    return _embeddings.input_ids(prompts, *_embeddings.TOKENS)


def start_table(subject: str) -> torch.Tensor:
    """Return the model's table with a row for the token, a copy of a word's."""
    table = _embeddings.known_table()
    (index,) = _embeddings.own_tokenizer()(START[subject], add_special_tokens=False).input_ids
    return torch.cat([table, table[[index]]])


def learned_row(subject: str, shown: list[Batch]) -> torch.Tensor:
    """Return the row that the reference of train_embedding learns."""
    model: Any = load()
    encoder = _embeddings.own_text_encoder(start_table(subject))
    unet, vae = (copy.deepcopy(module).requires_grad_(False) for module in (model.unet, model.vae))
    table: torch.Tensor = encoder.get_parameter(_embeddings.TABLE).requires_grad_(True)
    train = load_function(REFERENCE / "textual_inversion" / "train_embedding" / "solution.py", "train_embedding")
    train(unet, vae, encoder, shown, [len(table) - 1], alphas_cumprod(), RATES["word"])
    return table.detach()[-1].clone()


def learned_adapter(subject: str, shown: list[Batch]) -> dict[str, torch.Tensor]:
    """Return the adapter that the reference of train_style_lora learns, by "<module>.lora_A" and "<module>.lora_B"."""
    model: Any = load()
    encoder = _embeddings.own_text_encoder(start_table(subject))
    unet = copy.deepcopy(model.unet)
    train = load_function(REFERENCE / "lora_finetuning" / "train_style_lora" / "solution.py", "train_style_lora")
    torch.manual_seed(0)
    train(unet, copy.deepcopy(model.vae), encoder, shown, alphas_cumprod(), RATES["adapter"])
    return {name: value.detach().clone().contiguous() for name, value in adapter_of(unet.state_dict()).items()}


@torch.no_grad()
def unseen_latents(subject: str) -> torch.Tensor:
    """Return the latents of pictures of a subject that no training saw."""
    vae = load().vae
    shown = pixel_values(*pictures(subject, _both_ways.PICTURES, held_out=True))
    latents: torch.Tensor = vae.encode(shown).latent_dist.mode() * vae.config.scaling_factor
    return latents


def painted(way: str, subject: str, prompts: Sequence[str], sd: StableDiffusion) -> list[Image.Image]:
    """Return a picture for each prompt, painted with the model as it is ("neither"), the "word" or the "adapter"."""
    task = _both_ways.learned_task(subject)
    table = table_of(task.text_encoder).clone()
    if way == "word":
        table[task.token_id] = task.row
    told = _TokensOf(sd, table)
    with beside(load().unet, [task.adapter] if way == "adapter" else []) as unet:
        return paint(unet, told, prompts)  # type: ignore[arg-type]


class _TokensOf:
    """A Stable Diffusion whose prompts may have new tokens in them."""

    def __init__(self, sd: StableDiffusion, table: torch.Tensor) -> None:
        self.noise, self.decode, self._table = sd.noise, sd.decode, table

    def embed(self, prompts: Sequence[str]) -> torch.Tensor:
        return _embeddings.states(prompts, self._table, *_embeddings.TOKENS)


def shows(subject: str, picture: Image.Image) -> bool:
    """Tell whether a picture shows the subject, and surely so."""
    seen = look(picture)
    if subject == "gem":
        return len(seen.things) == 1 and seen.things[0].shape == UNNAMED_SHAPE
    return seen.background == STYLE


def main() -> None:
    """Train both ways on both subjects, record what they have learned, and print what they paint."""
    recorded: dict[str, Any] = {}
    for subject in _both_ways.SUBJECTS:
        shown = batches(subject)
        recorded[f"{subject}/start"] = start_table(subject)[-1].clone()
        recorded[f"{subject}/row"] = learned_row(subject, shown)
        adapter = learned_adapter(subject, shown)
        recorded |= {f"{subject}/adapter/{place}": value for place, value in adapter.items()}
        recorded[f"{subject}/latents"] = unseen_latents(subject)
    write_atomically(FILE, save(recorded))
    _both_ways.recorded.cache_clear()
    for subject in _both_ways.SUBJECTS:
        found = _hooked.asked(_both_ways.learned_task(subject))
        recorded[f"{subject}/losses"], recorded[f"{subject}/drifts"] = found.losses, found.drifts
        print(subject, _both_ways.STRENGTHS, found)
    for power in (1.0, 1.5):
        found = _hooked.asked(_both_ways.pinned_task(power))
        recorded[f"drawn/{power:g}/losses"], recorded[f"drawn/{power:g}/drifts"] = found.losses, found.drifts
    write_atomically(FILE, save(recorded))
    sd = stable_diffusion()
    for subject in _both_ways.SUBJECTS:
        for way in ("neither", "word", "adapter"):
            prompts = _both_ways.captions(subject, SHOWN, held_out=True)
            counts = [
                sum(shows(subject, picture) for picture in painted(way, subject, each, sd)) for each in (prompts, PLAIN)
            ]
            print(
                f"{subject} {way}: {counts[0]} of {len(prompts)} show it, and {counts[1]} of {len(PLAIN)} others",
                flush=True,
            )


if __name__ == "__main__":
    main()
