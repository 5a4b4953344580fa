"""The laptop stack: Chalice's real routes on moto's AWS, in one process. `python -m infra.sandbox` serves it."""
