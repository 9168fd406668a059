"""From a strength to the step at which img2img starts, by the formula of the statement."""


def strength_to_t_start(strength: float, num_inference_steps: int) -> int:
    """Return n - min(int(n * strength), n)."""
    # step: Compute how many steps run: a whole number, and not more than there are.
    # step: They are the last ones, so the others come before.
    # blank: return ____ - ____
    return num_inference_steps - min(int(num_inference_steps * strength), num_inference_steps)
