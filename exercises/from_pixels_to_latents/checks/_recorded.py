"""What the checks of the training loss expect, recorded by `python -m reference._record_numbers`."""

from grader.checks.recorded import group, read_recorded

_NUMBERS = read_recorded(__file__)

LOSSES_ALONE = {
    int(timestep): float(loss) for timestep, loss in group(_NUMBERS, "alone").items()
}  # of `step(sd, (timestep,))`
LOSS_OF_THREE = float(_NUMBERS["three"])  # of `step(sd, (800, 20, 300), seed=1)`, the mean of what each has alone
GRADIENTS = group(_NUMBERS, "gradients")  # of `step(sd, seed=3)`, by the name of the U-Net's parameter
