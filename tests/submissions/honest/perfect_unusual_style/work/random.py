"""How much of a picture is left to chance."""

STEPS_ARE_WHOLE = True


def strength_to_t_start(how_strong: float, n: int) -> int:
    running = [step for step in range(1, n + 1) if step <= n * how_strong]
    return n - len(running) if STEPS_ARE_WHOLE else 0
