"""What both functions use."""
