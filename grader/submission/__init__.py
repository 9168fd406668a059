"""What somebody handed in, read into the source of each exercise without ever running it."""
