"""The content engine: from the bytes of images to the commits with equal files."""
