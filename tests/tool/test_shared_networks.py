"""Networks that many copies of a submission share: given out again only as they were made, and never asked in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from peft import LoraConfig
from torch.nn.modules import module as registration

from grader.diffusion import loading
from grader.workbench import readers, recipes, shared_networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS: tuple[Any, ...] = tuple(loading.NETWORKS.values())
METHODS = ("forward", "encode", "decode")


@pytest.fixture(autouse=True)
def nothing_shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have no network shared before a test, and none after it."""
    monkeypatch.setattr(shared_networks, "_shared", shared_networks._Shared())
    found = registration._global_module_registration_hooks, registration._global_parameter_registration_hooks
    before = [dict(hooks) for hooks in found]
    for kind in KINDS:
        for name in METHODS:
            if name in vars(kind):
                monkeypatch.setattr(kind, name, vars(kind)[name])
    yield
    for hooks, was in zip(found, before, strict=True):
        for added in hooks.keys() - was.keys():
            del hooks[added]


@pytest.fixture
def unet() -> Any:
    """Return a U-Net that has been given out, put away and given out again."""
    first = recipes.unet(trainable=[])
    asked(first)
    shared_networks.put_away([first])
    again = recipes.unet()
    assert again is first
    return again


def asked(unet: Any, shift: float = 0.0) -> torch.Tensor:
    """Return what a U-Net answers to a question."""
    generator = torch.Generator().manual_seed(0)
    config = loading.load().unet.config
    sample = torch.randn(1, config.in_channels, 8, 8, generator=generator)
    states = torch.randn(1, 4, config.cross_attention_dim, generator=generator)
    answer: torch.Tensor = unet(sample + shift, 7, encoder_hidden_states=states).sample
    return answer


def write(unet: Any) -> None:
    """Write into a weight as an optimizer does."""
    with torch.no_grad():
        unet.conv_in.weight.add_(1.0)


def replace(unet: Any) -> None:
    """Put another layer in the place of one."""
    unet.conv_out = torch.nn.Identity()


def inject(unet: Any) -> None:
    """Put LoRA layers, which change what it answers, into a U-Net."""
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q"], init_lora_weights=False))


def test_a_network_is_given_out_again_as_it_was_made(unet: Any) -> None:
    """Its log is empty, gradients are asked for and none are there."""
    assert readers.calls(unet) == []
    assert len(readers.trainable(unet)) == len([*unet.parameters()])
    assert readers.gradients(unet) == {}


def test_one_object_is_never_given_out_twice_at_a_time(unet: Any) -> None:
    """Who asks for two networks gets two."""
    assert recipes.unet() is not unet


@pytest.mark.parametrize(
    "change",
    [
        inject,
        replace,
        lambda unet: unet.train(),
        lambda unet: unet.enable_gradient_checkpointing(),
        lambda unet: unet.conv_in.register_forward_hook(lambda *_: None),
        lambda unet: unet.register_to_config(sample_size=3),
    ],
)
def test_what_was_changed_is_not_given_out_again(unet: Any, change: Callable[[Any], object]) -> None:
    """A network that somebody has rebuilt, or set up otherwise, is replaced by a new copy."""
    change(unet)
    shared_networks.put_away([unet])
    again = recipes.unet()
    assert again is not unet
    assert_as_made(again)


def test_what_was_written_over_is_given_out_as_it_was(unet: Any) -> None:
    """Weights that an optimizer has moved are put back, which takes less time than a new copy."""
    write(unet)
    shared_networks.put_away([unet])
    again = recipes.unet()
    assert again is unet
    assert_as_made(again)


def assert_as_made(unet: Any) -> None:
    """Raise unless a U-Net answers like the original, also what it has answered before."""
    with torch.no_grad():
        for _ in range(2):
            torch.testing.assert_close(asked(unet), asked(loading.load().unet), rtol=0, atol=0)


def test_what_is_written_past_the_graph_is_seen_in_a_text_encoder() -> None:
    """`weight.data[...] = ` leaves no trace but the numbers, and students write into embedding tables like that."""
    encoder = recipes.text_encoder()
    shared_networks.put_away([encoder])
    assert recipes.text_encoder() is encoder
    ids = torch.tensor([[5, 7]])
    before = readers.text_states(encoder, ids)
    encoder.get_input_embeddings().weight.data[5] = 0.0
    assert not torch.equal(readers.text_states(encoder, ids), before)
    shared_networks.put_away([encoder])
    assert torch.equal(readers.text_states(recipes.text_encoder(), ids), before)


def test_what_is_not_given_out_again_is_not_kept(unet: Any) -> None:
    """A worker asks hundreds of copies: networks that they have rebuilt must not fill its memory."""
    inject(unet)
    shared_networks.put_away([unet])
    assert unet not in shared_networks._shared.used
    assert all(network.made is not unet for network in shared_networks._shared.idle.values())


def test_the_same_question_is_computed_once(unet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered from memory with equal numbers, in memory of its own; another question is computed."""
    with torch.no_grad():
        first = asked(unet)
        kept = first.clone()
        first.zero_()
        monkeypatch.setattr(type(unet.conv_in), "forward", forbidden)
        assert torch.equal(asked(unet), kept)
        with pytest.raises(AssertionError, match="computed"):
            asked(unet, shift=1.0)


def forbidden(*_: Any) -> torch.Tensor:
    """Stand for the first layer of a network that must not compute."""
    raise AssertionError("computed")


@pytest.mark.parametrize("change", [write, inject])
def test_a_changed_network_is_asked_anew(unet: Any, change: Callable[[Any], None]) -> None:
    """What a network had answered before somebody changed it does not count any more."""
    with torch.no_grad():
        before = asked(unet)
        change(unet)
        assert not torch.equal(asked(unet), before)


def test_gradients_are_computed(unet: Any) -> None:
    """Where a graph is recorded nothing comes from memory."""
    with torch.no_grad():
        asked(unet)
    asked(unet).sum().backward()
    assert unet.conv_in.weight.grad is not None


def test_what_is_kept_is_bounded(unet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many answers the earlier ones are forgotten."""
    with torch.no_grad():
        size = asked(unet).nbytes
        monkeypatch.setattr(shared_networks, "MOST_BYTES", 3 * size)
        answers = shared_networks._Answers()
        for number in range(10):
            answers.keep(number, asked(unet))
            assert answers.bytes <= 3 * size
            assert number in answers.known
