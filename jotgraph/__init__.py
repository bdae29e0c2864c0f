"""Commit to image to registry to function to role: one graph, with proof."""
