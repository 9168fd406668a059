"""What a student does at a desk: grade one's own work, go on from where one was, take a hint, begin anew."""
