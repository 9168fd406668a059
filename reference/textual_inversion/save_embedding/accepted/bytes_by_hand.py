"""Makes the file's bytes first and writes them itself."""

from pathlib import Path
from typing import Any

import safetensors.torch
import torch


@torch.no_grad()
def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save by way of safetensors.torch.save."""
    if token not in tokenizer.added_tokens_encoder:
        raise ValueError(f"{token} was never added")
    index = tokenizer.convert_tokens_to_ids(token)
    table = text_encoder.get_input_embeddings().weight
    Path(path).write_bytes(safetensors.torch.save({token: table[index : index + 1].contiguous()}))
