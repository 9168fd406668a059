"""The boundary: a submission's code runs in confined worker processes and only data comes back."""
