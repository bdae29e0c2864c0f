"""An inventory as a Parquet dataset in a folder or on S3, written and read as a whole."""
