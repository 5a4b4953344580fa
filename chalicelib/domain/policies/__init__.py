"""What a platform allows, when, at what price, for which reasons."""
