"""Orders as the marketplace tells them."""
