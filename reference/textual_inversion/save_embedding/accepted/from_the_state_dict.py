"""Takes the table from the state dict, and the id from cutting the token."""

from typing import Any

import torch
from safetensors.torch import save_file


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Save the row that the token's only piece has."""
    pieces = tokenizer(token, add_special_tokens=False)["input_ids"]
    if len(pieces) > 1:
        raise ValueError("not one token")
    table = next(v for k, v in text_encoder.state_dict().items() if k.endswith("token_embedding.weight"))
    save_file({token: torch.stack([table[pieces[0]]])}, path)
