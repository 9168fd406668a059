"""Textual inversion in checks: tables with new rows, handles of what holds them, batches, and the judge's own model."""

from __future__ import annotations

import copy
import functools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from hypothesis import strategies as st

from grader.checks.assertions import CheckFailure, assert_close, assert_equal
from grader.checks.strategies import dtypes, random_tensors, seeds
from grader.checks.text import describe, describe_dtype, describe_type
from grader.sandbox.outside.failures import SubmissionError
from grader.sandbox.wire.handles import Handle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from grader.tinyworld.concepts import Example

TOKEN = "<gem>"
SECOND_TOKEN = "<pearl>"  # where two have been added
TABLE = "embeddings.token_embedding.weight"
UNET, VAE = Handle("unet", {"trainable": []}), Handle("vae", {"trainable": []})  # frozen, as training finds them
LEAST_NORM = 0.1
WEAK_NOISE, STRONG_NOISE = (5, 60), (500, 1000)  # timesteps: a loss is large and tells mistakes; words decide
LOSS_TOLERANCE = 1e-5


# --- similarity of rows: tensors only --------------------------------------------------------------------------


class Similar(NamedTuple):
    """An embedding `table` `[V, D]`, ids of some of its rows, and a `vector` `[D]` whose `k` nearest rows are asked."""

    table: torch.Tensor
    ids: list[int]
    vector: torch.Tensor
    k: int


@st.composite
def similar_rows(draw: st.DrawFn, *, most_rows: int = 6, most_columns: int = 4) -> Similar:
    """Draw a `Similar` of which no row is near zero; one row may be hundreds of times as long as another."""
    rows, columns = draw(st.integers(2, most_rows)), draw(st.integers(2, most_columns))
    dtype, seed = draw(dtypes()), draw(seeds())
    table, vectors, scales = random_tensors(3, (rows, columns), torch.float64, seed)
    table += LEAST_NORM * torch.where(table < 0, -1.0, 1.0)
    table *= 10 ** scales[:, :1].clamp(-1, 1)
    vector = vectors[0] + LEAST_NORM
    ids = draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=rows))
    return Similar(table.to(dtype), ids, vector.to(dtype), draw(st.integers(1, rows)))


def cosines(vector: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Return the cosine similarity of a vector `[D]` to every row, by the law of cosines: 1 - |a - b|^2 / 2."""
    a = vector / vector.square().sum().sqrt()
    b = table / table.square().sum(1, keepdim=True).sqrt()
    return 1 - (a - b).square().sum(1) / 2


def assert_neighbours(actual: object, drawn: Similar) -> None:
    """Raise `CheckFailure` unless `actual` lists the ids of the k most similar rows; rows within rounding may swap."""
    __tracebackhide__ = True
    rows = len(drawn.table)
    due = f"a list of {drawn.k} different ints from 0 to {rows - 1}"
    if type(actual) is not list or not all(type(number) is int for number in actual):
        kind = "None" if actual is None else f"of type {describe_type(actual)}"
        kind = "a list of something else than ints" if type(actual) is list else kind
        raise CheckFailure(f"The result of nearest_tokens is {kind}.", expected=due, actual=describe(actual))
    if len(actual) != drawn.k or len(set(actual)) != drawn.k or not set(actual) <= set(range(rows)):
        raise CheckFailure(f"With k = {drawn.k} the result must be {due}.", expected=due, actual=describe(actual))
    found = cosines(drawn.vector, drawn.table)
    nearest = found.sort(descending=True).values[: drawn.k]
    sentence = f"The similarities of the ids {actual} must be the {drawn.k} largest there are, the largest first."
    assert_close(found[actual], nearest, sentence)


# --- tables, and handles of what holds them ----------------------------------------------------------------------


@functools.cache
def _parts() -> Any:
    from grader.diffusion import loading  # only here: exercises on tensors must not wait for diffusers

    return loading


def known_table() -> torch.Tensor:
    """Return the model's own embedding table `[V, D]`."""
    table: torch.Tensor = _parts().load().text_encoder.get_parameter(TABLE).detach().clone()
    return table


def grown_table(count: int = 1, seed: int = 0) -> torch.Tensor:
    """Return the model's table with so many new rows, drawn from a seed, about as large as those of words."""
    table = known_table()
    drawn = torch.randn(count, table.shape[1], generator=torch.Generator().manual_seed(seed))
    return torch.cat([table, drawn * table.std()])


def first_id() -> int:
    """Return the id of the first token that is added."""
    return len(known_table())


def tokenizer(*tokens: str) -> Handle:
    """Return the handle of a tokenizer to which these tokens have been added."""
    return Handle("tokenizer", {"tokens": list(tokens)})


def text_encoder(
    table: torch.Tensor, *, trainable: list[str] | None = None, weights: Mapping[str, torch.Tensor] | None = None
) -> Handle:
    """Return the handle of a text encoder with that table, and with other weights by name."""
    return Handle("text_encoder", {"weights": {**(weights or {}), TABLE: table}, "trainable": trainable})


def learner(table: torch.Tensor, number: int = 1) -> Handle:
    """Return the handle of a text encoder of which only the table can be trained.

    Equal handles are one object; those of different numbers are objects of their own.
    """
    return text_encoder(table, trainable=[TABLE])._replace(identity=number)


def optimizer(module: Handle, learning_rate: float, weight_decay: float = 0.01) -> Handle:
    """Return the handle of AdamW for what is trainable in a module."""
    return Handle("optimizer", {"module": module, "learning_rate": learning_rate, "weight_decay": weight_decay})


# --- the judge's own -------------------------------------------------------------------------------------------


def own_tokenizer(*tokens: str) -> Any:
    """Return a tokenizer of the judge's to which these tokens have been added."""
    made = copy.deepcopy(_parts().load().tokenizer)
    made.add_tokens(list(tokens))
    return made


def own_text_encoder(table: torch.Tensor, weights: Mapping[str, torch.Tensor] | None = None) -> Any:
    """Return a text encoder of the judge's with that table, and with other weights by name."""
    made = copy.deepcopy(_parts().load().text_encoder)
    made.resize_token_embeddings(len(table), mean_resizing=False)
    for name, value in {**(weights or {}), TABLE: table}.items():
        made.get_parameter(name).data.copy_(value)
    return made.requires_grad_(False)


def input_ids(prompts: Sequence[str], *tokens: str) -> torch.Tensor:
    """Return the ids `[len(prompts), L]`, padded, as a tokenizer gives them that knows these tokens."""
    made = own_tokenizer(*tokens)
    ids: torch.Tensor = made(
        list(prompts), padding="max_length", max_length=made.model_max_length, truncation=True, return_tensors="pt"
    ).input_ids
    return ids


@torch.no_grad()
def states(
    prompts: Sequence[str],
    table: torch.Tensor,
    *tokens: str,
    weights: Mapping[str, torch.Tensor] | None = None,
) -> torch.Tensor:
    """Return the last hidden states `[len(prompts), L, D]` of prompts in the judge's text encoder with that table."""
    found: torch.Tensor = own_text_encoder(table, weights)(input_ids(prompts, *tokens)).last_hidden_state
    return found


def own_weights(name: str) -> dict[str, torch.Tensor]:
    """Return all weights of a part of the model."""
    return dict(getattr(_parts().load(), name).state_dict())


# --- files -----------------------------------------------------------------------------------------------------


def file_of(submission: Any, path: str) -> bytes:
    """Return the bytes of a file that the submission has written."""
    __tracebackhide__ = True
    found = submission.read.file(path)
    if found is None:
        raise CheckFailure(f"save_embedding has written no file {path}, or one of many megabytes.")
    return bytes(found)


def entries_of(data: bytes) -> dict[str, torch.Tensor]:
    """Return the float32 tensors in a safetensors file; raise `CheckFailure` for anything else.

    The format holds numbers and names, and nothing that could run.
    """
    __tracebackhide__ = True
    from safetensors.torch import load

    try:
        entries = load(data)
    except Exception as error:  # whatever hostile bytes lead to inside the library
        why = f"{type(error).__name__}: {error}"
        raise CheckFailure(
            "The file is no safetensors file. Write it with safetensors.torch.save_file.", actual=describe(why)
        ) from None
    for name, entry in entries.items():
        if entry.dtype is not torch.float32:
            sentence = f"The entry {describe(name)} is of {describe_dtype(entry.dtype)}; it must be of float32."
            raise CheckFailure(sentence)
    return entries


def states_in_pipeline(data: bytes, prompts: Sequence[str]) -> torch.Tensor:
    """Return the last hidden states of prompts in a pipeline that has loaded a file with one row, `[n, L, D]`.

    Its entries are checked, and written anew by the judge: what diffusers reads is never the submission's own file.
    """
    __tracebackhide__ = True
    from diffusers.loaders import TextualInversionLoaderMixin
    from safetensors.torch import save_file

    entries = entries_of(data)
    width = known_table().shape[1]
    if len(entries) != 1 or tuple(next(iter(entries.values())).shape) not in ((1, width), (width,)):
        shapes = ", ".join(f"{name} {list(entry.shape)}" for name, entry in entries.items())
        raise CheckFailure(f"The file must hold one entry, [1, {width}].", actual=describe(shapes or "nothing"))

    class Pipeline(TextualInversionLoaderMixin):  # type: ignore[misc]  # its own code loads
        tokenizer, text_encoder = own_tokenizer(), own_text_encoder(known_table())
        components: dict[str, object] = {}  # noqa: RUF012 - of diffusers' making
        hf_device_map = None

    pipeline = Pipeline()
    with tempfile.TemporaryDirectory() as folder:
        save_file(entries, Path(folder) / "learned.safetensors")
        try:
            pipeline.load_textual_inversion(folder, weight_name="learned.safetensors", use_safetensors=True)
        except ValueError as error:  # such as an entry that has the name of a known word
            raise CheckFailure("load_textual_inversion refuses the file.", actual=describe(str(error))) from None
    made = pipeline.tokenizer(
        list(prompts), padding="max_length", max_length=pipeline.tokenizer.model_max_length, return_tensors="pt"
    )
    with torch.no_grad():
        found: torch.Tensor = pipeline.text_encoder(made.input_ids).last_hidden_state
    return found


# --- training --------------------------------------------------------------------------------------------------


def alphas_cumprod() -> torch.Tensor:
    """Return the model's own alpha-bar `[1000]`."""
    found: torch.Tensor = _parts().make_scheduler("ddim").alphas_cumprod
    return found


def examples(number: int, seed: int = 0, *, held_out: bool = False) -> tuple[Example, ...]:
    """Return pictures of the concept without a name, with captions that have a place for it."""
    from grader.tinyworld.concepts import concept_pictures

    return concept_pictures(number, seed, held_out=held_out).examples


def make_batch(
    shown: Sequence[Example],
    words: Iterable[str],
    generator: torch.Generator,
    timesteps: tuple[int, int] = (0, 1000),
) -> dict[str, torch.Tensor]:
    """Return a batch of examples, each told with its own word.

    Noise and timesteps, from the first of `timesteps` to before the second, come from the generator. The tokenizer
    knows `TOKEN` and `SECOND_TOKEN`.
    """
    from grader.checks.plain import pixels

    told = [example.told(word) for example, word in zip(shown, words, strict=True)]
    pictures = torch.stack([pixels(example.picture) for example in shown]).permute(0, 3, 1, 2).float() / 127.5 - 1
    side = _parts().load().unet.config.sample_size
    return {
        "pixel_values": pictures,
        "input_ids": input_ids(told, TOKEN, SECOND_TOKEN),
        "noise": torch.randn(len(shown), 4, side, side, generator=generator),
        "timesteps": torch.randint(*timesteps, (len(shown),), generator=generator),
    }


def small_batches(
    number: int,
    seed: int = 0,
    size: int = 2,
    words: Sequence[str] = (TOKEN,),
    timesteps: tuple[int, int] = (0, 1000),
) -> list[dict[str, torch.Tensor]]:
    """Return a few batches of two pictures of the concept; the words take turns."""
    generator = torch.Generator().manual_seed(seed)
    shown = examples(number * size, seed)
    turns = [words[turn % len(words)] for turn in range(number * size)]
    return [
        make_batch(shown[first : first + size], turns[first : first + size], generator, timesteps)
        for first in range(0, number * size, size)
    ]


@torch.no_grad()
def noise_loss(batch: Mapping[str, torch.Tensor], table: torch.Tensor) -> float:
    """Return the training loss of a batch with that table: the mean square of what is wrong with the noise.

    It is computed by diffusers' own `add_noise`.
    """
    model, scheduler = _parts().load(), _parts().make_scheduler("ddim")
    latents = model.vae.encode(batch["pixel_values"]).latent_dist.mode() * model.vae.config.scaling_factor
    noisy = scheduler.add_noise(latents, batch["noise"], batch["timesteps"])
    told = own_text_encoder(table)(batch["input_ids"]).last_hidden_state
    found = model.unet(noisy, batch["timesteps"], encoder_hidden_states=told).sample
    return float((found - batch["noise"]).double().square().mean())


# --- the long run ------------------------------------------------------------------------------------------------

STEPS, BATCH_SIZE, RATE = 100, 4, 5e-3  # of the run that is to learn the concept
INITIALIZER = "circle"
HELD_OUT, HELD_OUT_DRAWS = 16, 4
PAINTING_STEPS = 12


class Learned(NamedTuple):
    """How well a table knows the concept: its loss on pictures that no training saw, and how many it paints right."""

    loss: float
    painted: int


def start_table() -> torch.Tensor:
    """Return the model's table with one new row, a copy of the initializer's."""
    table = known_table()
    (row,) = own_tokenizer()(INITIALIZER, add_special_tokens=False).input_ids
    return torch.cat([table, table[row : row + 1]])


def training_batches(seed: int = 0) -> list[dict[str, torch.Tensor]]:
    """Return the batches of the long run: a handful of pictures, again and again, under other noise."""
    generator = torch.Generator().manual_seed(seed)
    shown = examples(8, seed)
    chosen = torch.randint(len(shown), (STEPS, BATCH_SIZE), generator=generator).tolist()
    return [make_batch([shown[i] for i in row], [TOKEN] * BATCH_SIZE, generator) for row in chosen]


def measure(table: torch.Tensor, sd: Any, seed: int = 0) -> Learned:
    """Return how well a table knows the concept, by the judge's own model and its own eyes.

    The loss is taken where the noise is strong, at timesteps from 500 on: there the words decide.
    """
    from grader.tinyworld.drawing import UNNAMED_SHAPE
    from grader.tinyworld.recognition import look

    shown = examples(HELD_OUT, seed, held_out=True)
    generator = torch.Generator().manual_seed(seed)
    losses = [
        noise_loss(make_batch(shown, [TOKEN] * HELD_OUT, generator, STRONG_NOISE), table) for _ in range(HELD_OUT_DRAWS)
    ]
    prompts = [""] * HELD_OUT + [example.told(TOKEN) for example in shown]
    latents = sd.text_to_image(sd.noise(seed, HELD_OUT), PAINTING_STEPS, states(prompts, table, TOKEN))
    things = [look(sd.decode(latents[place : place + 1])).things for place in range(HELD_OUT)]
    painted = sum(len(seen) == 1 and seen[0].shape == UNNAMED_SHAPE for seen in things)
    return Learned(sum(losses) / HELD_OUT_DRAWS, painted)


@functools.cache
def measure_start(sd: Any) -> Learned:
    """Return how well the table at the start knows the concept."""
    return measure(start_table(), sd)


# --- what must hold --------------------------------------------------------------------------------------------


def assert_same_weights(
    actual: Mapping[str, torch.Tensor], expected: Mapping[str, torch.Tensor], owner: str, but: Iterable[str] = ()
) -> None:
    """Raise `CheckFailure` unless all weights are there and equal to the bit, apart from those named in `but`."""
    __tracebackhide__ = True
    left_out = set(but)
    if actual.keys() != expected.keys():
        changed = sorted(actual.keys() ^ expected.keys())[0]
        raise CheckFailure(f"{owner} must keep its weights by name; {changed} came or went.")
    for name, value in expected.items():
        if name not in left_out and not torch.equal(actual[name], value):
            sentence = f"The weights of {owner} must stay as they are, to the bit; {name} has changed."
            assert_equal(actual[name], value, sentence, what=f"{name} of {owner}")


def table_of(weights: Mapping[str, torch.Tensor], rows: int) -> torch.Tensor:
    """Return the table among a text encoder's weights as they were read back, or raise `CheckFailure`.

    It must have so many rows, as wide as the model's own.
    """
    __tracebackhide__ = True
    table = weights.get(TABLE)
    due = [rows, known_table().shape[1]]
    if table is None or list(table.shape) != due:
        found = "gone" if table is None else f"of shape {list(table.shape)}"
        raise CheckFailure(f"The text encoder's table of embeddings is {found}; it must have shape {due}.")
    return table


def assert_only_rows_moved(after: torch.Tensor, before: torch.Tensor, trained_ids: Sequence[int], when: str) -> None:
    """Raise `CheckFailure` unless every row but the trained ones is as before to the bit, and these have moved."""
    __tracebackhide__ = True
    moved = (after != before).any(1).nonzero().flatten().tolist()
    strayed = [row for row in moved if row not in trained_ids]
    if strayed:
        raise CheckFailure(
            f"{when} only {_rows(trained_ids)} may differ from the table before, to the bit.",
            expected=f"{len(before) - len(trained_ids)} rows as before",
            actual=f"{len(strayed)} of these rows have moved, by up to {_farthest(after, before, strayed):.2g}",
        )
    still = [row for row in trained_ids if row not in moved]
    if still:
        raise CheckFailure(f"{when} {_rows(still)} must have moved: nothing else can learn the word.")


def assert_refused(call: Callable[[], object], sentence: str) -> None:
    """Raise `CheckFailure` unless a call of the submission ends in a ValueError with a message."""
    __tracebackhide__ = True
    due = "a ValueError that says what is wrong"
    try:
        result = call()
    except SubmissionError as error:
        if error.error == "NotImplementedError":
            raise
        if error.error != "ValueError":
            raise CheckFailure(f"{sentence} {error.sentence}", expected=due) from None
        if error.sentence.endswith("raised ValueError"):
            raise CheckFailure(f"{sentence} The error has no message.", expected=due) from None
        return
    raise CheckFailure(sentence, expected=due, actual=f"no error; it returned {describe(result)}")


def assert_flow(submission: Any, encoder: Handle, unet: Handle, ids: torch.Tensor) -> None:
    """Raise `CheckFailure` unless a loss on the U-Net's prediction gives every row of a prompt its gradient.

    And no other parameter of the text encoder; `ids` are `[B, L]`.
    """
    __tracebackhide__ = True
    sample = torch.randn(len(ids), 4, 16, 16, generator=torch.Generator().manual_seed(0))
    try:
        found = submission.read.flow(encoder, unet, ids, sample, 500)
    except SubmissionError as error:
        raise CheckFailure(
            "Gradients must still flow through the frozen parts: a loss on what the U-Net predicts for a prompt can no "
            f"longer reach the embedding table. PyTorch says: {error.sentence.partition(' raised ')[2]}"
        ) from None
    if list(found) != [TABLE]:
        names = ", ".join(found) or "nothing"
        raise CheckFailure(
            "A loss on what the U-Net predicts must leave a gradient in the embedding table, and in nothing else of "
            "the text encoder.",
            expected=TABLE,
            actual=describe(names),
        )
    gradient = torch.atleast_2d(found[TABLE])  # type: ignore[no-untyped-call]
    rows = gradient.any(1).nonzero().flatten().tolist()
    due = sorted(set(ids.flatten().tolist()))
    sentence = "The gradient must reach the row of every word in the prompt: the loss depends on all of them."
    assert_equal(rows, due, sentence, what="What has a gradient")


def assert_losses(actual: object, count: int) -> list[float]:
    """Return the losses as floats, or raise `CheckFailure` unless they are a list of so many numbers."""
    __tracebackhide__ = True
    due = f"a list of {count} floats, one for each batch"
    if type(actual) is not list or len(actual) != count or not all(_is_number(loss) for loss in actual):
        found = "None" if actual is None else describe(actual)
        raise CheckFailure(f"train_embedding must return {due}.", expected=due, actual=found)
    return [float(loss) for loss in actual]


def assert_loss(actual: float, expected: float, sentence: str) -> None:
    """Raise `CheckFailure` unless two losses are equal within rounding."""
    __tracebackhide__ = True
    found = torch.tensor(actual, dtype=torch.float64)
    assert_close(found, torch.tensor(expected, dtype=torch.float64), sentence, tolerance=LOSS_TOLERANCE)


def _is_number(value: object) -> bool:
    if isinstance(value, torch.Tensor):
        return value.ndim == 0 and value.is_floating_point()
    return isinstance(value, float)  # which NumPy's double precision numbers are


def _rows(ids: Sequence[int]) -> str:
    return f"row {ids[0]}" if len(ids) == 1 else f"the rows {', '.join(map(str, ids))}"


def _farthest(after: torch.Tensor, before: torch.Tensor, rows: Sequence[int]) -> float:
    return float((after - before)[list(rows)].abs().max())
