"""By a regular expression, endings without doubles."""

from typing import Any


def lora_target_modules(unet: Any) -> list[str]:
    """Match names."""
    import re

    pattern = re.compile(r"(?:^|\.)(attn2\.to_(?:q|k|v|out\.0))$")
    return list({match.group(1) for name, _ in unet.named_modules() if (match := pattern.search(name))})
