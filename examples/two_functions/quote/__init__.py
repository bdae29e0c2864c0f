"""The function ``quote``."""
