"""Only the embedding table may learn: everything else is frozen, and still passes gradients on."""

from typing import Any


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze text encoder, U-Net and autoencoder, apart from the table of token embeddings. Works in place.

    What you get:

        text_encoder  a CLIPTextModel; text_encoder.get_input_embeddings().weight is its table [V, D]
        unet          a UNet2DConditionModel
        vae           an AutoencoderKL

    Any of their parameters may be trainable or frozen already. No gradient has been computed yet: every .grad is None.
    What must hold afterwards:

        requires_grad is True for one parameter, the table, and False for every other one of the three
        gradients still flow *through* what is frozen: the loss sits behind the U-Net and the table before the text
        encoder, so the way back leads through both of them
        the table gets its whole gradient: the row of every word in the prompt has its own
        no weight has changed

    A frozen part computes as before, and PyTorch records what it computes; only its own weights get no gradient.
    Running it under no_grad is something else: then nothing is recorded, and the table before it learns nothing.

    The whole table becomes trainable, although only one row of it should change. One row alone cannot be made
    trainable: table[i] is a new tensor, not a part of the model. restore_rows solves that.

    The text encoder has two tables. The other one holds the positions in the prompt, and stays frozen.

    Numbers: of Stable Diffusion 1.5's 123 million parameters in the text encoder, 37.9 million are in this table:
    49,408 rows of 768 numbers.
    """
    raise NotImplementedError
