"""The HTTP API: one module of views per subject."""
