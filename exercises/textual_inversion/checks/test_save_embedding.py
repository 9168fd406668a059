"""What the file of a learned row must hold, read as bytes and loaded by diffusers' own pipeline."""

from exercises._shared._training import assert_same_weights
from exercises.textual_inversion.checks import _embeddings, _files, _weights
from grader.checks import CheckFailure, assert_equal

TOKENS = ("<gem>", "<pearl>")
MOST_AROUND = 1024  # bytes that are not the numbers


def saved(submission, token, table, path):
    """Let the student's function save a token's row, and return the file's bytes."""
    submission.save_embedding(_embeddings.text_encoder(table), _embeddings.tokenizer(*TOKENS), token, path)
    return _files.file_of(submission, path)


def test_file_holds_the_row(submission):
    """The file holds one entry: under the token's name its row, to the bit."""
    table = _embeddings.grown_table(2)
    for place, token in enumerate(TOKENS, start=-2):
        entries = _files.entries_of(saved(submission, token, table, f"row{place}.safetensors"))
        assert_equal(
            sorted(entries), [token], "The file must hold one entry, named after the token.", what="What it holds"
        )
        sentence = f"The entry must be the row of {token}, [1, D] or [D], to the bit: row {place} from the table's end."
        found = entries[token]
        assert_equal(found[None] if found.ndim == 1 else found, table[[place]], sentence, what="The entry")


def test_file_is_small(submission):
    """The file holds little more than the row's numbers."""
    table = _embeddings.grown_table(2)
    size = len(saved(submission, "<gem>", table, "small.safetensors"))
    most = 4 * table.shape[1] + MOST_AROUND
    if size > most:
        raise CheckFailure(
            f"The file has {size:,} bytes; for a row of {table.shape[1]} numbers of 4 bytes that is too many.",
            expected=f"at most {most:,} bytes",
            actual=f"{size:,} bytes",
        )


def test_pipeline_draws_the_same(submission, sd):
    """A pipeline that loads the file paints the same picture, to the bit."""
    table = _embeddings.grown_table(2)
    prompts = ["", "a <gem> on white"]
    found = _files.states_in_pipeline(saved(submission, "<gem>", table, "gem.safetensors"), prompts)
    expected = _embeddings.states(prompts, table, *TOKENS)
    run = {"latents": sd.noise(0), "num_inference_steps": 2}
    pictures = [sd.text_to_image(text_embeddings=embeddings, **run) for embeddings in (found, expected)]
    sentence = "With the file loaded, a prompt with <gem> must give the same picture as in the model that learned it."
    assert_equal(*pictures, sentence, what="The picture's latents")


def test_unknown_token_is_refused(submission):
    """A token that is not in the vocabulary is refused, and no file is written."""
    table = _embeddings.grown_table(2)
    sentence = "<opal> is not in the vocabulary: the function must raise a ValueError."
    _weights.assert_refused(lambda: saved(submission, "<opal>", table, "opal.safetensors"), sentence)
    if submission.read.file("opal.safetensors") is not None:
        raise CheckFailure("No file may be written for a token that is not in the vocabulary.")


def test_models_stay(submission):
    """Table, weights and vocabulary are the same after the call as before it, and the row can still learn."""
    table = _embeddings.grown_table(2)
    encoder, tokenizer = _embeddings.learner(table), _embeddings.tokenizer(*TOKENS)
    submission.save_embedding(encoder, tokenizer, "<gem>", "kept.safetensors")
    weights = submission.read.state_dict(encoder)
    assert_same_weights(weights, _embeddings.own_text_encoder(table).state_dict(), "the text encoder")
    assert_equal(
        submission.read.trainable(encoder),
        [_embeddings.TABLE],
        "The table must stay trainable.",
        what="What is trainable",
    )
    ids = submission.read.token_ids(tokenizer, ["<gem> <pearl>"])
    assert_equal(
        ids,
        [[_embeddings.first_id(), _embeddings.first_id() + 1]],
        "The tokenizer must know the same tokens as before.",
        what="The ids",
    )
