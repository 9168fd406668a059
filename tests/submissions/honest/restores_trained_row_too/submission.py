import torch


def restore_rows(table, original, trained_ids):
    with torch.no_grad():
        table.copy_(original)
