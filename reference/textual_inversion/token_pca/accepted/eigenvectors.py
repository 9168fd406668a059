"""Eigenvectors of the covariance, from the largest eigenvalue down, and every axis turned to a fixed side."""

import torch


def token_pca(table, ids):
    """Return the results by way of a covariance matrix in double precision."""
    rows = torch.stack([table[index] for index in ids]).double()
    mean = rows.sum(0) / len(ids)
    centred = rows - mean
    covariance = centred.T @ centred / (len(ids) - 1)
    values, vectors = torch.linalg.eigh(covariance)
    axes = vectors.flip(1)[:, :2].T
    axes = axes * torch.where(axes.sum(1, keepdim=True) < 0, -1.0, 1.0)
    shares = values.flip(0)[:2] / covariance.trace()
    return {
        "mean": mean.to(table.dtype),
        "axes": axes.to(table.dtype),
        "coordinates": (centred @ axes.T).to(table.dtype),
        "shares": list(shares),
    }
