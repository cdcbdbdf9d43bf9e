"""What the page of a decision shows, put together from records."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from omnigov.review import hidden
from omnigov.review.numbered import Numbered

register = template.Library()


@register.simple_tag
def grouped(found: Sequence[Numbered], names: dict[int, str]) -> list[hidden.Group]:
    """What was hidden by kind and value; `names` are pseudonyms by place in the record."""
    return hidden.grouped(found, names)


@register.filter
def number_size(width: int) -> int:
    """How large a frame's number is, in pixels of a picture of this width."""
    return max(8, width // 36)
