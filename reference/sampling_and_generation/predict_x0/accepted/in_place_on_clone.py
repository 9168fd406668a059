"""Works in place, on a copy; names its parameters as it likes."""


def predict_x0(noisy, eps, t, abar):
    """Return the estimate, built in a copy."""
    sample = noisy.clone()
    sample.sub_(eps, alpha=(1 - abar[t]).sqrt().item())
    return sample.div_(abar[t].sqrt())
