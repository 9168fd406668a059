"""Raises exceptions whose text raises, is endless, or would rewrite the terminal."""

EXERCISE = "strength_to_t_start"
SAYS = "`strength_to_t_start` raised"
ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\u202epassed\u2066\r\x00\ud800"


class Raises(Exception):
    def __str__(self):
        raise ValueError("no text")


class RaisesMore(Exception):
    def __str__(self):
        raise KeyboardInterrupt


class Endless(Exception):
    def __str__(self):
        return "x" * 10**8


class Escapes(Exception):
    def __str__(self):
        return ESCAPES


Escapes.__name__ = "\x1b[32mPassed\u202e"


def strength_to_t_start(strength, num_inference_steps):
    print(ESCAPES)
    kinds = (Escapes, Raises, Endless, RaisesMore)
    raise kinds[0 if strength == 0.7 else num_inference_steps % 4]
