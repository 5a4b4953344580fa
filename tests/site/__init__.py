"""The built site (`make docs`)."""
