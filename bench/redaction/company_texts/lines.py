"""What a set of lines is, and of words that stand in them."""

from __future__ import annotations

Lines = dict[str, dict[str, tuple[str, ...]]]
"""Of each language, of each sort of text."""
