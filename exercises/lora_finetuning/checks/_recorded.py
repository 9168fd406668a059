"""What the training checks expect, recorded by `python -m reference._record_numbers`."""

from grader.checks.recorded import group, read_recorded

_NUMBERS = read_recorded(__file__)

STEP_LOSSES = _NUMBERS["step_losses"].tolist()  # of `pairs(2)`, one step after the other on `training_of(sd)`
AFTER_ONE_STEP = group(_NUMBERS, "after_one_step")  # the adapter of `training_of(sd)`
AFTER_TWO_STEPS = group(_NUMBERS, "after_two_steps")
UNTRAINED_LOSSES = _NUMBERS["untrained_losses"].tolist()  # of `ones_and_twos()` on `untrained_unet()`
GRADIENTS = [group(_NUMBERS, f"gradients/{index}") for index in range(len(UNTRAINED_LOSSES))]  # by name of module
