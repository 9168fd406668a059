"""What a student does at a desk: grade one's own work."""
