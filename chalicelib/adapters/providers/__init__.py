"""Payment providers that can be asked for refunds: one file each, with what is known of them as data in facts.py.

All are written from public documentation and are unproven against the live services.
"""
