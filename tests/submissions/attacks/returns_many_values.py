"""Returns as many values as may be, and names of four megabytes."""

EXERCISE = "strength_to_t_start"
SAYS = "it must return an int."
MANY = [[] for _ in range(20_000)]
LONG = type("L" * 1_000_000, (), {"__repr__": lambda self: "r" * 1_000_000})


def strength_to_t_start(strength, num_inference_steps):
    return MANY if strength == 0.7 else LONG()
