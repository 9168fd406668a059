def restore_rows(weights, frozen, learned):
    keep = set(learned)
    for number, row in enumerate(weights.data):
        if number not in keep:
            row.copy_(frozen[number])
    return weights
