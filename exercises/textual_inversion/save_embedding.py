"""One learned row in a file: small enough for a message, and readable by diffusers."""

from typing import Any


def save_embedding(text_encoder: Any, tokenizer: Any, token: str, path: str) -> None:
    """Write the row of a token into a safetensors file that diffusers' pipelines can load.

    What you get:

        text_encoder  a CLIPTextModel; text_encoder.get_input_embeddings().weight is its table [V, D], float32
        tokenizer     a CLIPTokenizer: a token's id is the number of its row. Others may have been added after the token
        token         an added token, such as "<gem>"; the pieces that the tokenizer came with are not asked for
        path          where to write the file, such as "gem.safetensors"; its folder exists

    The file holds one entry: under the token's name as the tokenizer has it, "<gem>" with its brackets, its row as a
    tensor [1, D] or [D], float32, equal to the row in the table to the bit. Nothing else: the rest of the table is in
    every copy of the model. Whatever else the file says, such as metadata, takes less than 1 KB.

    Then anybody with the same model can load it,

        pipeline.load_textual_inversion("gem.safetensors")

    and "a photo of <gem>" gives the same pictures there as here, to the bit. The name of the entry is the word that the
    pipeline teaches its tokenizer.

    If the token is not in the vocabulary, tokenizer.get_vocab(), raise a ValueError that says so, and write no file.
    (convert_tokens_to_ids would answer with the id of the unknown token, and a wrong row would be saved.)

    Use safetensors.torch.save_file, not torch.save: files of the latter are Python pickles, which can run any program
    on the computer that loads them. Change nothing in text encoder and tokenizer.

    Numbers: a row of Stable Diffusion 1.5 has 768 numbers of 4 bytes, 3,072 bytes. The file around it adds a name, a
    shape and a type, 80 bytes or so: all in all less than 5 KB, where the model has 4 GB.
    """
    raise NotImplementedError
