"""Everything is frozen, the table as well.

Then no parameter is left that could learn, and the optimizer refuses an empty list. Open the table again after
freezing the rest.
"""

from typing import Any

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze all three models."""
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
