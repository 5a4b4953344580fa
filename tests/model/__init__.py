"""A model of how row, turn, token, lease, outbox, sweep and execution meet, and what holds whatever happens first."""
