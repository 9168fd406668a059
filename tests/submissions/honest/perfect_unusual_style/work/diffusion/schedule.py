def kept(betas) -> list[float]:
    """What is left of the picture after each step, squared."""
    left, shares = 1.0, []
    for beta in betas:
        left *= 1.0 - float(beta)
        shares.append(left)
    return shares
