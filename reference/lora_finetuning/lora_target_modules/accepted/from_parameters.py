"""From the names of parameters, with doubles."""

from typing import Any


def lora_target_modules(unet: Any) -> list[str]:
    """Cut the last word off the parameters of attn2 that belong to projections."""
    names = []
    for name, _ in unet.named_parameters():
        module, _, _ = name.rpartition(".")
        if "attn2" in module.split(".") and module.split(".attn2.")[1].startswith("to_"):
            names.append(module)
    return names
