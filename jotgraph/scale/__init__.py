"""Cut an inventory into shards, and judge them on processes or on Spark."""
