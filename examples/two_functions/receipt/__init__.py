"""The function ``receipt``."""
