"""Builds the untrained components of the tiny Stable Diffusion: tokenizer, text encoder, autoencoder and U-Net."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

from grader.diffusion.protocols import Autoencoder, TextEncoder, Tokenizer, UNet
from grader.tinyworld import drawing

CONTEXT_LENGTH = 24
TEXT_WIDTH = 64


def build_tokenizer(folder: Path) -> Tokenizer:
    """Return a CLIP tokenizer, saved in `folder`: its words are the grammar's, its pieces can spell any other."""
    from tokenizers import pre_tokenizers
    from transformers import CLIPTokenizer

    merges = learn_merges(drawing.vocabulary())
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + "</w>" for letter in letters), *("".join(merge) for merge in merges)]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[special] = len(vocabulary)
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=CONTEXT_LENGTH)
    tokenizer.save_pretrained(folder)
    made: Tokenizer = CLIPTokenizer.from_pretrained(folder)
    return made


def learn_merges(words: list[str]) -> list[tuple[str, str]]:
    """Return the byte-pair merges, most frequent pair first, that make one piece of every word.

    Of pairs that are equally frequent the last in the alphabet comes first, so that every run learns the same ids.
    """
    spelled = [[*word[:-1], word[-1] + "</w>"] for word in words]
    merges: list[tuple[str, str]] = []
    while pairs := Counter(pair for pieces in spelled for pair in pairwise(pieces)):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        spelled = [_merged(pieces, best) for pieces in spelled]
    return merges


def _merged(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def build_text_encoder(tokenizer: Tokenizer) -> TextEncoder:
    """Return an untrained CLIP text encoder for the tokenizer."""
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=TEXT_WIDTH,
        intermediate_size=4 * TEXT_WIDTH,
        projection_dim=TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT_LENGTH,
        hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    made: TextEncoder = CLIPTextModel(config)
    return made


def build_autoencoder() -> Autoencoder:
    """Return an untrained autoencoder: 64 x 64 pixels to 16 x 16 latents of 4 channels."""
    from diffusers import AutoencoderKL

    channels = (16, 32, 64)
    made: Autoencoder = AutoencoderKL(
        sample_size=drawing.PICTURE_SIZE,
        latent_channels=4,
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * len(channels),
        up_block_types=("UpDecoderBlock2D",) * len(channels),
        layers_per_block=1,
        norm_num_groups=4,
        mid_block_add_attention=False,  # what is painted in one corner must not reach the other
    )
    return made


def build_unet() -> UNet:
    """Return an untrained U-Net with cross-attention."""
    from diffusers import UNet2DConditionModel

    made: UNet = UNet2DConditionModel(
        sample_size=drawing.PICTURE_SIZE // 4,
        in_channels=4,
        out_channels=4,
        block_out_channels=(48, 64, 96),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,  # the number of heads, as in Stable Diffusion's own configuration
    )
    return made
