"""What integrators start from. Nothing here is deployed."""
