"""Payment providers that only this machine knows: one small server each, as their public documentation describes them.

They share no code with the adapters that call them, so that one misreading cannot hide in both. Each keeps a ledger of
its own of the money that really went, and can be told to misbehave.
"""
