"""What travels between the judge and a worker: frames of bytes, messages, values and handles."""
