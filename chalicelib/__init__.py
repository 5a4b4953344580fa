"""Batal: cancelling an order after the seller has started processing it."""
