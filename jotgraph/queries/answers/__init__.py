"""The answers that queries give: frozen data, a module for each query, which render draws."""
