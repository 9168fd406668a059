"""What the training checks expect, recorded by `python -m reference._record_numbers`."""

from grader.checks.recorded import read_recorded

_NUMBERS = read_recorded(__file__)

# Losses of batches with the table `trained_table()`.
WEAK_NOISE_LOSSES = _NUMBERS["weak_noise"].tolist()  # of `small_batches(2, seed=1, timesteps=WEAK_NOISE)`
FIRST_LOSS = float(_NUMBERS["first"])  # of the first of `small_batches(3, seed=21, timesteps=WEAK_NOISE)`
HELD_OUT_LOSS = float(_NUMBERS["held_out"])  # the mean over `held_out_batches()`, with the table `start_table()`
