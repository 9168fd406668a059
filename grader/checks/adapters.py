"""What checks on LoRA in a U-Net share: U-Nets of many kinds, the judge's own twins of them, and PEFT as an oracle."""

from __future__ import annotations

import copy
import math
import tempfile
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

from grader.checks.assertions import CheckFailure, assert_close, assert_equal, assert_like
from grader.checks.text import describe, describe_type
from grader.sandbox.wire.handles import Handle
from grader.workbench import recipes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.tinyworld.concepts import Example

TARGETS = ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]
RANK, ALPHA = 4, 4  # of the adapter that train_style_lora adds
LOSS_TOLERANCE = 3e-5  # measured: 1e-7 for correct steps, 2e-4 and more for known mistakes
MOVE_TOLERANCE = 5e-3  # of a step; measured: 1e-5 for correct steps, 2e-2 and more for known mistakes
FOLLOWING_TOLERANCE = 0.03  # of a step; measured: 4e-3 for correct loops, 0.4 and more for known mistakes
REHEARSALS = 2

_SMALL: dict[str, Any] = {
    "sample_size": 16,
    "block_out_channels": (8, 16),
    "layers_per_block": 1,
    "cross_attention_dim": 64,
    "norm_num_groups": 4,
    "attention_head_dim": 4,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
CONFIGS: dict[str, dict[str, Any]] = {
    "small": _SMALL,
    "with blocks of self-attention alone": {
        **_SMALL,
        "down_block_types": ("CrossAttnDownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "CrossAttnUpBlock2D"),
    },
    "with two transformer layers a block": {
        **_SMALL,
        "block_out_channels": (12, 8),
        "transformer_layers_per_block": 2,
        "use_linear_projection": True,
    },
    "without a middle block": {**_SMALL, "mid_block_type": None, "layers_per_block": 2},
    "with a text width for each block": {
        **_SMALL,
        "block_out_channels": (8, 16, 24),
        "cross_attention_dim": (16, 24, 32),
        "down_block_types": ("CrossAttnDownBlock2D",) * 3,
        "up_block_types": ("CrossAttnUpBlock2D",) * 3,
    },
    "whose attn1 sees the text too": {**_SMALL, "only_cross_attention": True, "cross_attention_dim": 8},
    "with norms in its cross-attention": {**_SMALL, "cross_attention_norm": "layer_norm"},
}


def untrained_unet(name: str = "small", seed: int = 0) -> Handle:
    """Return the handle of a U-Net of one of the `CONFIGS`, with random weights."""
    return Handle("untrained_unet", {"seed": seed, **CONFIGS[name]})


_own: dict[str, Any] = {}


def own(handle: Handle) -> Any:
    """Return the judge's own object of a handle, the same for all checks: it must not be changed (see `Twins`)."""
    key = repr(handle)
    if key not in _own:
        _own[key] = Twins()[handle]
    return _own[key]


class Twins:
    """The judge's own objects beside those of a worker: built by the same recipes from the same data.

    `twins[handle]` is one object for equal handles, as it is in an example of a check.
    """

    def __init__(self) -> None:
        self._built: list[tuple[Handle, Any]] = []

    def __getitem__(self, handle: Handle) -> Any:
        for known, built in self._built:
            if known == handle:
                return built
        arguments = {name: self[a] if isinstance(a, Handle) else a for name, a in handle.arguments.items()}
        built = getattr(recipes, handle.recipe)(**arguments)
        self._built.append((handle, built))
        return built


# --- which modules ---------------------------------------------------------------------------------------------


def assert_module_names(actual: object, unet: Handle) -> list[str]:
    """Return the names of the modules that PEFT adapts when told a submission's list, or raise `CheckFailure`."""
    __tracebackhide__ = True
    if type(actual) is not list:
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        due = "a list of strings, the names of modules"
        raise CheckFailure(f"The result is {found}; it must be {due}.", actual=describe(actual))
    if not all(type(name) is str for name in actual):
        raise CheckFailure(
            "The list must hold strings, the names of modules, and nothing else.", actual=describe(actual)
        )
    modules = [name for name, _ in own(unet).named_modules() if name]
    for name in actual:
        if not any(module == name or module.endswith(f".{name}") for module in modules):
            hint = " It is the name of a parameter." if name in dict(own(unet).named_parameters()) else ""
            raise CheckFailure(f"No module of this U-Net is called `{name}`, nor does one end in `.{name}`.{hint}")
    try:
        return _resolved(own(unet), actual)
    except (ValueError, TypeError) as error:
        said = str(error).partition(" is not supported")[0].partition("\n")[0].rstrip(" (")
        sentence = "PEFT refuses this list: not everything in it is a layer it can adapt."
        raise CheckFailure(sentence, actual=said) from None


_due: dict[str, list[str]] = {}


def due_modules(unet: Handle) -> list[str]:
    """Return the names of the modules that PEFT adapts when told the `TARGETS`."""
    key = repr(unet)
    if key not in _due:
        _due[key] = _resolved(own(unet), TARGETS)
    return _due[key]


def _resolved(unet: Any, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    twin = copy.deepcopy(unet)
    _adapt(twin, names, rank=1, alpha=1)
    return sorted(name.removesuffix(".lora_A") for name, _ in twin.named_modules() if name.endswith(".lora_A"))


_reported: dict[tuple[str, int], int] = {}


def reported_numbers(unet: Handle, rank: int) -> int:
    """Return how many trainable numbers PEFT reports for an adapter of that rank on the `TARGETS`."""
    from peft import LoraConfig, get_peft_model

    key = repr(unet), rank
    if key not in _reported:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = get_peft_model(copy.deepcopy(own(unet)), LoraConfig(r=rank, target_modules=TARGETS))
        _reported[key] = int(model.get_nb_trainable_parameters()[0])
    return _reported[key]


def _adapt(unet: Any, names: Sequence[str], rank: int, alpha: int) -> None:
    from peft import LoraConfig

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        unet.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(names)))


# --- training --------------------------------------------------------------------------------------------------


def batch_of(
    sd: StableDiffusion, examples: Sequence[Example], seed: int, length: int = 1000
) -> dict[str, torch.Tensor]:
    """Return a training batch of pictures and captions, its noise and timesteps (below `length`) drawn with `seed`."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.from_numpy(np.stack([np.asarray(example.picture) for example in examples])).permute(0, 3, 1, 2)
    return {
        "pixel_values": (pixels / 127.5 - 1).contiguous(),
        "input_ids": token_ids([example.caption for example in examples]),
        "noise": torch.randn(len(examples), *sd.latent_shape, generator=generator),
        "timesteps": torch.randint(length, (len(examples),), generator=generator),
    }


def token_ids(texts: Sequence[str]) -> torch.Tensor:
    """Return the ids `[len(texts), L]` of texts, padded to the text encoder's length."""
    from grader.diffusion.loading import load

    tokenizer = load().tokenizer
    length = tokenizer.model_max_length
    ids = tokenizer(list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    return torch.as_tensor(ids.input_ids)


def model_alphas_cumprod() -> torch.Tensor:
    """Return the alpha-bars `[1000]` that the tiny model was trained with."""
    from grader.diffusion.loading import make_scheduler

    return torch.as_tensor(make_scheduler("ddim").alphas_cumprod).clone()


def training_loss(
    unet: Any, vae: Any, text_encoder: Any, batch: Mapping[str, torch.Tensor], alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the loss of a batch as diffusers' own scheduler and torch's own mean squared error make it."""
    from grader.diffusion.loading import make_scheduler

    scheduler = make_scheduler("ddim", num_train_timesteps=len(alphas_cumprod))
    scheduler.alphas_cumprod = alphas_cumprod
    with torch.no_grad():
        latents = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text_embeddings = text_encoder(batch["input_ids"]).last_hidden_state
    noisy = scheduler.add_noise(latents, batch["noise"], batch["timesteps"])
    noise_pred = unet(noisy, batch["timesteps"], encoder_hidden_states=text_embeddings).sample
    return torch.nn.functional.mse_loss(noise_pred, batch["noise"])


def trained(
    unet: Any,
    optimizer: Any,
    vae: Any,
    text_encoder: Any,
    batches: Sequence[Mapping[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> list[float]:
    """Take one step of the optimizer for each batch and return the losses."""
    losses = []
    for batch in batches:
        loss = training_loss(unet, vae, text_encoder, batch, alphas_cumprod)
        unet.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return losses


class Training(NamedTuple):
    """A U-Net that carries an adapter, `bare` without it, the optimizer of the adapter, and the frozen rest."""

    bare: Handle
    unet: Handle
    vae: Handle
    text_encoder: Handle
    optimizer: Handle

    @property
    def handles(self) -> tuple[Handle, Handle, Handle, Handle]:
        """What a training step gets, in this order."""
        return self.unet, self.vae, self.text_encoder, self.optimizer

    def run(
        self, batches: Sequence[Mapping[str, torch.Tensor]], alphas_cumprod: torch.Tensor
    ) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
        """Return the losses of one step a batch, and the adapter afterwards, on objects of the judge's own."""
        twins = Twins()
        losses = trained(
            twins[self.unet], twins[self.optimizer], own(self.vae), own(self.text_encoder), batches, alphas_cumprod
        )
        return [as_loss(loss) for loss in losses], adapter_of(twins[self.unet].state_dict())


def training_of(
    sd: StableDiffusion,
    config: str = "small",
    *,
    seed: int = 0,
    rank: int = 3,
    alpha: int = 6,
    b_spread: float = 0.5,
    learning_rate: float = 0.01,
    weight_decay: float = 0.1,
    scaling_factor: float | None = None,
) -> Training:
    """Return the handles of a `Training` on an untrained U-Net of one of the `CONFIGS`; B is zero at no `b_spread`."""
    bare = untrained_unet(config, seed)
    unet = Handle(
        "unet_with_lora",
        {
            "unet": bare, "target_modules": TARGETS, "rank": rank, "alpha": alpha, "seed": seed, "b_spread": b_spread,
        },
    )  # fmt: skip
    changed = {} if scaling_factor is None else {"scaling_factor": scaling_factor}
    vae = Handle(sd.vae.recipe, {**changed, "trainable": []})
    text_encoder = Handle(sd.text_encoder.recipe, {"trainable": []})
    rates = {"learning_rate": learning_rate, "weight_decay": weight_decay}
    return Training(bare, unet, vae, text_encoder, Handle("optimizer", {"module": unet, **rates}))


def as_loss(actual: float) -> torch.Tensor:
    """Return a loss as a tensor, to be compared."""
    return torch.tensor(actual, dtype=torch.float64)


def assert_moved_like(
    weights: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor], training: Training, sentence: str
) -> None:
    """Raise `CheckFailure` unless the adapter among a U-Net's weights is the expected one.

    What counts is the mean distance in learning rates, which is how far AdamW takes a number in a step: where a
    gradient is nearly zero, rounding may turn the way of a single number around.
    """
    __tracebackhide__ = True
    adapter = adapter_of(weights)
    if adapter.keys() != expected.keys():
        odd = min(adapter.keys() ^ expected.keys())
        raise CheckFailure(
            f"The adapter is not the one that was given: `{odd}` is {'gone' if odd in expected else 'new'}."
        )
    rate = float(training.optimizer.arguments["learning_rate"])
    found, due = (
        torch.cat([assert_like(side[name], value, what=f"`{name}`").flatten() for name, value in expected.items()])
        for side in (adapter, expected)
    )
    assert_close(
        ((found - due).abs() / rate).mean().double(),
        torch.zeros((), dtype=torch.float64),
        sentence,
        tolerance=MOVE_TOLERANCE,
    )


# --- adapters and what they stand on ---------------------------------------------------------------------------


def adapter_of(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of an adapter among all weights of a U-Net, named "<module>.lora_A" and "<module>.lora_B".

    What the adapter itself is called does not matter.
    """
    found = {}
    for name, value in weights.items():
        for side in ("lora_A", "lora_B"):
            module, mark, _ = name.partition(f".{side}.")
            if mark:
                found[f"{module}.{side}"] = value
    return found


def base_of(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights that a U-Net had before it got an adapter, by the names that they had then."""
    return {name.replace(".base_layer.", "."): value for name, value in weights.items() if ".lora_" not in name}


def assert_untouched(after: Mapping[str, torch.Tensor], before: Mapping[str, torch.Tensor], what: str) -> None:
    """Raise `CheckFailure` unless all weights are there, equal to the bit; `what` names the module."""
    __tracebackhide__ = True
    if after.keys() != before.keys():
        odd = min(after.keys() ^ before.keys())
        raise CheckFailure(f"{what} has other weights than before: `{odd}` is {'gone' if odd in before else 'new'}.")
    for name, value in before.items():
        sentence = f"{what} is frozen: its `{name}` must stay what it was, to the bit."
        assert_equal(after[name], value, sentence, what=f"`{name}`")


def assert_everything_else_untouched(submission: Any, unet: Handle, bare: Handle, *others: Handle) -> None:
    """Raise `CheckFailure` unless all weights but an adapter's are what they were, to the bit.

    `bare` is the U-Net before it got an adapter, and `others` are the other modules that took part.
    """
    __tracebackhide__ = True
    assert_untouched(base_of(submission.read.state_dict(unet)), own(bare).state_dict(), "The U-Net")
    for other in others:
        called = {"vae": "The autoencoder", "text_encoder": "The text encoder"}[other.recipe]
        assert_untouched(submission.read.state_dict(other), own(other).state_dict(), called)


def assert_adapter(weights: Mapping[str, torch.Tensor], bare: Handle) -> dict[str, torch.Tensor]:
    """Return the adapter among a U-Net's weights if it is one of `RANK` on just the `TARGETS`; see `adapter_of`."""
    __tracebackhide__ = True
    adapter = adapter_of(weights)
    found = sorted({name.rpartition(".")[0] for name in adapter})
    if not found:
        raise CheckFailure("The U-Net carries no LoRA adapter after the call.")
    due = due_modules(bare)
    for name in due:
        if name not in found:
            raise CheckFailure(f"`{name}` belongs to the cross-attention and has no adapter.")
    for name in found:
        if name not in due:
            raise CheckFailure(f"`{name}` has an adapter and is none of the projections of the cross-attention.")
    for name in due:
        layer = own(bare).get_submodule(name)
        for side, shape in (("lora_A", (RANK, layer.in_features)), ("lora_B", (layer.out_features, RANK))):
            assert_like(adapter.get(f"{name}.{side}"), torch.empty(shape), what=f"`{name}.{side}`")
    return {name: adapter[name] for name in sorted(adapter)}


def with_adapter(bare: Handle, adapter: Mapping[str, torch.Tensor]) -> Any:
    """Return a U-Net with an adapter of `RANK` and `ALPHA` that was saved to a file and loaded from there."""
    source, target = copy.deepcopy(own(bare)), copy.deepcopy(own(bare))
    put_on(source, adapter)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source.save_lora_adapter(folder)
        target.load_lora_adapter(folder, prefix=None, use_safetensors=True)
    return target


def put_on(unet: Any, adapter: Mapping[str, torch.Tensor]) -> None:
    """Put an adapter of `RANK` and `ALPHA` with these weights on a U-Net, ready to be trained on."""
    _adapt(unet, TARGETS, RANK, ALPHA)
    for name, parameter in unet.named_parameters():
        for plain in adapter_of({name: parameter}):
            parameter.data.copy_(adapter[plain])


def assert_losses(actual: object, number: int) -> list[float]:
    """Return a list of so many finite floats as it is, or raise `CheckFailure`."""
    __tracebackhide__ = True
    due = f"a list of {number} floats, one for each batch"
    if type(actual) is not list:
        found = "None" if actual is None else f"of type {describe_type(actual)}"
        raise CheckFailure(f"The result is {found}; it must be {due}.", expected=due, actual=describe(actual))
    if len(actual) != number:
        raise CheckFailure(f"The list holds {len(actual)} losses; it must be {due}.", expected=due)
    for index, loss in enumerate(actual):
        if type(loss) is not float:
            raise CheckFailure(f"Loss {index} is of type {describe_type(loss)}; it must be a float.", expected=due)
        if not math.isfinite(loss):
            raise CheckFailure(f"Loss {index} is {loss}.", expected=due)
    return actual


def assert_followed(
    adapter: Mapping[str, torch.Tensor],
    unet: Handle,
    sd: StableDiffusion,
    batches: Sequence[Mapping[str, torch.Tensor]],
    learning_rate: float,
    *,
    vae: Handle | None = None,
    alphas_cumprod: torch.Tensor | None = None,
) -> None:
    """Raise `CheckFailure` unless an adapter's B is where one AdamW takes it from zero, in a step for each batch.

    What A was at the start nobody knows but the submission. But A moves little: the judge trains an adapter that starts
    at the A which the submission ended with, sees how far A goes, and starts once more from as far before.
    """
    __tracebackhide__ = True
    vae = sd.vae if vae is None else vae
    alphas_cumprod = model_alphas_cumprod() if alphas_cumprod is None else alphas_cumprod
    end = {name: value for name, value in adapter.items() if name.endswith(".lora_A")}
    start, reached = dict(end), dict[str, torch.Tensor]()
    for _ in range(REHEARSALS):
        twin = copy.deepcopy(own(unet))
        put_on(twin, {name: start.get(name, torch.zeros_like(value)) for name, value in adapter.items()})
        optimizer = recipes.optimizer(twin, learning_rate)
        trained(twin, optimizer, own(vae), own(sd.text_encoder), batches, alphas_cumprod)
        reached = {name: value.clone() for name, value in adapter_of(twin.state_dict()).items()}
        start = {name: value + end[name] - reached[name] for name, value in start.items()}
    found, due = (
        torch.cat([side[name].flatten() for name in adapter if name not in end]) / learning_rate
        for side in (adapter, reached)
    )
    sentence = (
        f"After {len(batches)} batches at a learning rate of {learning_rate:g} the numbers of B must be where one "
        "AdamW has taken them, a step for each batch."
    )
    apart = (found - due).abs().mean().double()
    assert_close(apart, torch.zeros((), dtype=torch.float64), sentence, tolerance=FOLLOWING_TOLERANCE)
