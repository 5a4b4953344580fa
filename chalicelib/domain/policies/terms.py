"""The terms a buyer accepts before asking. Their text is `terms.<version>` in locales/."""

TERMS_VERSION = "2026-11"
