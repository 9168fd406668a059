"""Copies of a model's components: equal in everything, and nothing that is written into one is seen in another."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.diffusion import loading
from grader.diffusion.choice import TINY_SD, Choice
from grader.diffusion.templates import Template, cloned, shared
from grader.workbench import recipes

NAMES = [each.name for each in fields(loading.Components)]


class Pair(torch.nn.Module):
    """Two layers with one weight, and a buffer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(3, 3, bias=False)
        self.second = torch.nn.Linear(3, 3, bias=False)
        self.second.weight = self.first.weight
        self.register_buffer("places", torch.arange(3).expand(2, 3), persistent=False)


@pytest.mark.parametrize("name", loading.NETWORKS)
def test_a_copy_of_a_network_is_as_the_network(name: str) -> None:
    """Modules, settings, weights, buffers, and what gradients are asked for."""
    original, made = getattr(loading.load(), name), loading.copy_of(name)
    assert made is not original
    assert [(key, type(each), each.training) for key, each in made.named_modules()] == [
        (key, type(each), each.training) for key, each in original.named_modules()
    ]
    assert vars(made.config) == vars(original.config)
    tensors = zip(
        (*made.named_parameters(), *made.named_buffers()),
        (*original.named_parameters(), *original.named_buffers()),
        strict=True,
    )
    for (key, value), (same_key, same) in tensors:
        assert (key, type(value), value.requires_grad) == (same_key, type(same), same.requires_grad)
        assert torch.equal(value, same)
        assert value.data_ptr() != same.data_ptr()


def test_copies_of_what_is_no_network_are_equal() -> None:
    """The tokenizer and the scheduler."""
    tokenizer, scheduler = loading.copy_of("tokenizer"), loading.copy_of("scheduler")
    assert tokenizer("a red house").input_ids == loading.load().tokenizer("a red house").input_ids
    assert dict(scheduler.config) == dict(loading.load().scheduler.config)
    assert torch.equal(scheduler.alphas_cumprod, loading.load().scheduler.alphas_cumprod)
    tokenizer.add_tokens(["<own>"])
    scheduler.alphas_cumprod[0] = 5.0
    assert len(loading.copy_of("tokenizer")) == len(tokenizer) - 1
    assert loading.copy_of("scheduler").alphas_cumprod[0] != 5.0


def test_what_is_written_into_a_copy_is_seen_in_no_other() -> None:
    """Weights, settings, and the parts themselves."""
    first = loading.copy_of("unet")
    with torch.no_grad():
        first.conv_in.weight.zero_()
    first.register_to_config(sample_size=3)
    first.conv_out = torch.nn.Identity()
    second = loading.copy_of("unet")
    assert second.conv_in.weight.any()
    assert second.config.sample_size != 3
    assert isinstance(second.conv_out, torch.nn.Conv2d)


@pytest.mark.parametrize(("of_tensor", "is_same_memory"), [(cloned, False), (shared, True)])
def test_one_object_stays_one(of_tensor: Any, is_same_memory: bool) -> None:
    """A weight that two layers have; a parameter stays one, a view keeps its shape."""
    original = Pair()
    original.first.weight.requires_grad_(False)
    made = Template(original).copy(of_tensor)
    assert made.first.weight is made.second.weight
    assert isinstance(made.first.weight, torch.nn.Parameter)
    assert not made.first.weight.requires_grad
    assert (made.first.weight.data_ptr() == original.first.weight.data_ptr()) == is_same_memory
    assert torch.equal(made.places, original.places)
    assert [*made.state_dict()] == [*original.state_dict()]


def test_classes_and_functions_are_kept_as_they_are() -> None:
    """Those that no module has by name, too: the class of a network in half precision, a function within another."""
    called = []

    class Local(Pair):
        pass

    def note(*_: Any) -> None:
        called.append(1)

    original = Local()
    original.first.register_forward_hook(note)
    made = Template(original).copy(cloned)
    assert type(made) is Local
    made.first(torch.zeros(1, 3))
    assert called == [1]


def test_copies_follow_the_model_to_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is moved may get other tensors in the place of its own."""
    monkeypatch.setattr(loading, "_digests_of", lambda *_: {})  # on this device there are no numbers
    model = loading.LoadedModel(Choice(Path(TINY_SD), device="meta"))
    model.to_device()
    for name in loading.NETWORKS:
        made = model.copy_of(name)
        assert {each.device.type for each in (*made.parameters(), *made.buffers())} == {"meta"}


def test_untrained_networks_of_one_seed_are_equal_however_often_one_asks() -> None:
    """Only from the second time on is one copied; what is written into one is in no other, and nothing else is drawn."""
    config = {
        "sample_size": 8, "block_out_channels": (4, 8), "layers_per_block": 1, "cross_attention_dim": 8,
        "norm_num_groups": 4, "down_block_types": ("DownBlock2D",) * 2, "up_block_types": ("UpBlock2D",) * 2,
    }  # fmt: skip
    torch.manual_seed(0)
    due = torch.rand(3)
    torch.manual_seed(0)
    first, *others = (recipes.untrained_unet(11, **config) for _ in range(4))
    weights = first.conv_in.weight.clone()
    for made in (first, *others):
        assert torch.equal(made.conv_in.weight, weights)
        assert not made.training
        with torch.no_grad():
            made.conv_in.weight.zero_()
    assert torch.equal(torch.rand(3), due)
