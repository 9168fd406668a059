"""The fresh noise of a step."""

from math import sqrt


def kick(beta: float, standard_normal, last: bool):
    return 0.0 if last else sqrt(beta) * standard_normal
