"""The evaluation's numbers are right where the truth is known: on drawings, and with a model that knows its picture."""

from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from grader.tinyworld import drawing
from grader.tinyworld.drawing import Description, Words
from grader.tinyworld.recognition import look
from tools.pictures import picture_table
from tools.tiny_sd import inpainting
from tools.tiny_sd.painter import Painter
from tools.tiny_sd.prompts import random_pair, random_single, something_else
from tools.tiny_sd.scores import ASPECTS, difference, ladder_row, psnr, share_right

TOLD = ("shape", "colour", "place", "background")


def drawn(descriptions: list[Description], seed: int = 0) -> list[Image.Image]:
    rng = random.Random(seed)
    return [drawing.draw(drawing.scene_of(description, rng)) for description in descriptions]


def some(number: int = 20, seed: int = 1) -> list[Description]:
    rng = random.Random(seed)
    return [random_single(rng) for _ in range(number)]


def test_drawings_of_what_is_told_are_all_right():
    told = some()
    row = share_right(told, drawn(told))
    assert row == {"n": 20} | dict.fromkeys(ASPECTS, 1.0)


def test_drawings_of_pairs_are_all_right():
    rng = random.Random(3)
    told = [random_pair(rng) for _ in range(20)]
    assert share_right(told, drawn(told))["all"] == 1


def test_drawings_of_something_else_are_all_wrong():
    rng = random.Random(2)
    told = some()
    row = share_right(told, drawn([something_else(description, rng) for description in told]))
    assert [row[aspect] for aspect in TOLD] == [0, 0, 0, 0]
    assert row["number"] == 1


def test_one_wrong_picture_of_four_is_a_quarter():
    told = [Description((Words("circle", "red", None, "on the left"),), "on white")] * 4
    wrong = Description((Words("circle", "blue", None, "on the left"),), "on white")
    row = share_right(told, drawn([*told[:3], wrong]))
    assert (row["colour"], row["all"], row["shape"]) == (0.75, 0.75, 1)


def test_what_no_caption_tells_has_no_share():
    told = [Description((Words("circle", "red"),), "on white")]
    assert {"place", "size"}.isdisjoint(share_right(told, drawn(told)))


def test_captions_never_ask_for_held_out_pairs_unless_told_to():
    rng = random.Random(0)
    asked = {(words.colour, words.shape) for _ in range(300) for words in random_single(rng).things}
    assert asked.isdisjoint(drawing.HELD_OUT)
    assert random_single(rng, ("green", "ring")).things[0].shape == "ring"


@pytest.mark.parametrize("mixed", [False, True])
def test_the_ladder_tells_source_from_prompt(mixed: bool):
    rng = random.Random(4)
    sources = some(10)
    prompts = [something_else(source, rng) for source in sources]
    half = 5 if mixed else 10
    row = ladder_row(sources, prompts, [look(picture) for picture in drawn([*sources[:half], *prompts[half:]])])
    assert [row[f"keeps {aspect}"] for aspect in TOLD] == [half / 10] * 4
    assert [row[f"follows {aspect}"] for aspect in TOLD] == [1 - half / 10] * 4


def test_psnr_of_an_error_of_one_step():
    first, second = Image.new("RGB", (8, 8), (10, 10, 10)), Image.new("RGB", (8, 8), (11, 9, 11))
    assert psnr([first], [second]) == pytest.approx(20 * np.log10(255))
    assert psnr([first], [first]) == 99


def test_the_difference_counts_only_where_the_mask_is():
    first, second = Image.new("RGB", (8, 8)), Image.new("RGB", (8, 8))
    second.paste((255, 255, 255), (0, 0, 4, 8))
    left = np.zeros((8, 8), dtype=bool)
    left[:, :4] = True
    assert difference(first, second, left) == 1
    assert difference(first, second, ~left) == 0
    assert difference(first, second, left | True) == 0.5


@pytest.mark.parametrize("cells", [8, 16])
def test_a_thing_to_be_replaced_lies_under_the_mask(cells: int):
    rng = random.Random(5)
    for _ in range(20):
        scene, _, mask, expected = inpainting._replaced(rng, cells)
        bare = drawing.draw(drawing.Scene((), scene.top, scene.bottom))
        keep = inpainting.pixel_mask(mask) == 0
        assert difference(drawing.draw(scene), bare, keep) == 0
        assert expected.things[0].place is not None


@pytest.mark.parametrize("cells", [8, 16])
def test_a_thing_to_be_added_lies_under_the_mask_and_the_other_does_not(cells: int):
    rng = random.Random(6)
    for _ in range(20):
        scene, prompt, mask, expected = inpainting._added(rng, cells)
        bare = drawing.draw(drawing.Scene((), scene.top, scene.bottom))
        hole = inpainting.pixel_mask(mask) == 1
        assert hole.mean() == 0.5
        assert difference(drawing.draw(scene), bare, hole) == 0
        assert sum(str(words) in prompt for words in expected.things) == 1


TARGET = torch.linspace(-1, 1, 4 * 8 * 8).reshape(1, 4, 8, 8)


class Knowing:
    """Components of a pipeline whose U-Net predicts the noise that leads to `TARGET`, and counts how often it is asked."""

    config = SimpleNamespace(in_channels=4, sample_size=8)

    def __init__(self) -> None:
        from diffusers import DDIMScheduler

        self.scheduler = DDIMScheduler(
            beta_schedule="scaled_linear",
            beta_start=0.00085,
            beta_end=0.02,
            clip_sample=False,
            set_alpha_to_one=True,
            timestep_spacing="trailing",
        )
        self.unet = self
        self.asked: list[int] = []

    def tokenizer(self, captions: list[str], **_: object) -> SimpleNamespace:
        return SimpleNamespace(input_ids=torch.zeros(len(captions), 3))

    def text_encoder(self, ids: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(last_hidden_state=ids[..., None])

    def __call__(self, x_t: torch.Tensor, timestep: torch.Tensor, **_: object) -> object:
        self.asked.append(int(timestep))
        abar = self.scheduler.alphas_cumprod[timestep]
        return SimpleNamespace(sample=(x_t - abar.sqrt() * TARGET) / (1 - abar).sqrt())


def test_sampling_ends_where_the_prediction_leads():
    components = Knowing()
    painter = Painter(components)
    latents = painter.sample(["", ""], painter.noise(2, "s"), steps=10)
    torch.testing.assert_close(latents, TARGET.expand(2, -1, -1, -1), atol=1e-3, rtol=0)
    assert components.asked == [999, 899, 799, 699, 599, 499, 399, 299, 199, 99]


def test_image_to_image_runs_the_last_steps():
    components = Knowing()
    painter = Painter(components)
    painter.sample([""], painter.noise(1, "s"), steps=10, start=torch.zeros(1, 4, 8, 8), strength=0.3)
    assert components.asked == [299, 199, 99]


def test_inpainting_keeps_the_start_and_repaints_the_rest():
    painter = Painter(Knowing())
    start, mask = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)), torch.zeros(1, 1, 8, 8)
    mask[..., 4:] = 1
    latents = painter.sample([""], painter.noise(1, "s"), steps=10, start=start, mask=mask)
    assert torch.equal(latents[..., :4], start[..., :4])
    torch.testing.assert_close(latents[..., 4:], TARGET[..., 4:], atol=1e-3, rtol=0)


def test_noise_is_decided_by_its_seed():
    painter = Painter(Knowing())
    assert torch.equal(painter.noise(2, "a"), painter.noise(2, "a"))
    assert not torch.equal(painter.noise(2, "a"), painter.noise(2, "b"))


def test_a_sheet_has_a_tile_for_each_picture():
    pictures = drawn(some(6))
    sheet = picture_table([pictures[:3], pictures[3:]], ["a", "b", "c"], ["one", "two"])
    tile = np.asarray(sheet)[16 : 16 + 96, :96]
    assert np.array_equal(tile, np.asarray(pictures[0].resize((96, 96), Image.Resampling.NEAREST)))
