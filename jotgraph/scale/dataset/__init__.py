"""An inventory as a Parquet dataset: written whole, read whole, in a folder or on S3."""
