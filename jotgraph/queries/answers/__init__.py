"""The types of the answers that queries give, one module for each query; ``render`` draws them."""
