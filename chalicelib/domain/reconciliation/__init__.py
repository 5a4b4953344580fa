"""Reconciliation: what a payment provider, or the marketplace's own payment system, says it moved, held against what
Batal knows should have moved."""
