"""A request to cancel or return, from asking to its one outcome."""
