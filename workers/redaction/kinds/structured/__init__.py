"""Texts that are written in fields: which of their characters are values, and what each value is called."""
