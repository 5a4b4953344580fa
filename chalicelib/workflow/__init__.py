"""Use cases: read through a port, decide in the pure domain, commit once, wake whoever waits."""
