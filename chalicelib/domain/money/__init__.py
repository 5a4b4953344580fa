"""What goes back, by which way, and why that much."""
