"""Mails: one function and one template pair per kind, texts from the catalogues, composed as text and HTML."""

from chalicelib.mail.composing import compose, tell
from chalicelib.mail.ports import Links

__all__ = ["Links", "compose", "tell"]
