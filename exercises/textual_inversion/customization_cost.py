"""What a customization costs: the numbers that learn, and the bytes of the file."""

from typing import Any


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count what textual inversion, LoRA and full fine-tuning each have to learn and to store.

    What you get:

        unet          a UNet2DConditionModel of any configuration: it may lack a middle block
        text_encoder  a CLIPTextModel; text_encoder.get_input_embeddings().weight is its table [V, D]
        lora_rank     r, an int, 1 or more
        num_vectors   an int, 1 or more: a new word may be given several rows

    The result has the keys "textual_inversion", "lora" and "full_finetuning". Under each is a dict with the keys
    "parameters", how many numbers learn, and "bytes", what they take in a file in float32, 4 bytes each (the few bytes
    around them are not counted). All are plain ints.

        textual_inversion  num_vectors rows of D numbers
        lora               for each linear layer of the U-Net's cross-attention, to_q, to_k, to_v and to_out.0 of every
                           module named attn2, the two matrices A [r, in] and B [out, r]. They have no bias
        full_finetuning    every parameter of the U-Net; the text encoder is left alone

    Count what each way has to learn, and not what happens to be trainable in the models you are given: their
    parameters may be frozen or not. Change nothing in them.

    Numbers for Stable Diffusion 1.5, rank 4 and one vector: 768 numbers (3 KB), 397,824 numbers (1.6 MB),
    859,520,964 numbers (3.4 GB). A ratio of about 1 to 518 to 1,119,168.

    The second part is marked by a person. Write down what each of the first two can learn and what it cannot, and when
    you would take which. Use the numbers that your function gives, and pictures of your own if you have some. Write it
    in Markdown: in a file customization_cost.md beside this one, in a text cell of your notebook under the heading
    "customization_cost", or in the docstring at the top of this file. `grade customization_cost` says what it found.
    """
    raise NotImplementedError
