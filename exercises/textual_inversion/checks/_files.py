"""Files with learned rows, as the submission wrote them and as a pipeline reads them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from exercises.textual_inversion.checks._embeddings import known_table, own_text_encoder, own_tokenizer
from grader.checks.assertions import CheckFailure
from grader.checks.text import describe, describe_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence


def file_of(submission: Any, path: str) -> bytes:
    """Return the bytes of a file that the submission has written."""
    __tracebackhide__ = True
    found = submission.read.file(path)
    if found is None:
        raise CheckFailure(f"save_embedding did not write the file {path}, or wrote one of many megabytes.")
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
            "The file is not a safetensors file. Write it with safetensors.torch.save_file.", actual=describe(why)
        ) from None
    for name, entry in entries.items():
        if entry.dtype is not torch.float32:
            sentence = (
                f"The entry {describe(name)} has dtype {describe_dtype(entry.dtype)}; it must have dtype float32."
            )
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
        raise CheckFailure(
            f"The file must hold one entry, [1, {width}] or [{width}].", actual=describe(shapes or "nothing")
        )

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
