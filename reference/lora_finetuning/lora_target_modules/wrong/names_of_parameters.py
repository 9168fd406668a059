"""The names are those of parameters, not of modules.

`named_parameters` gives "...to_q.weight", but no module has that name. `named_modules` gives "...to_q".
"""

from typing import Any

CAUGHT_BY = "test_names_are_those_of_modules"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the names of the weights."""
    return [name for name, _ in unet.named_parameters() if ".attn2." in name and name.endswith("weight")]
