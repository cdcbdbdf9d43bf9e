"""The words of a recording as its page has them: written here, since a long one has tens of thousands."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from omnigov.review.heard import Spoken
from omnigov.review.marked import Piece
from omnigov.templatetags.omnigov import finding_name

register = template.Library()


@register.simple_tag
def words_of(spoken: Iterable[Spoken]) -> SafeString:
    """As review/parts/_pieces.html writes pieces; what is heard at once says from when to when."""
    return mark_safe("".join(map(_spoken, spoken)))  # noqa: S308 - each part of it is escaped


def _spoken(said: Spoken) -> str:
    inside = "".join(map(_piece, said.pieces))
    if said.at is None:
        return inside
    return f'<span class="word" data-at="{said.at.start}" data-until="{said.at.end}">{inside}</span>'


def _piece(piece: Piece) -> str:
    text = escape(piece.text)
    left = "" if piece.given else " not-given"
    if piece.gap is not None:
        ordinal = f' data-box="{piece.gap.ordinal}"' if piece.gap.ordinal else ""
        kind = escape(finding_name(piece.gap.kind))
        return (
            f'<mark class="gap {piece.strength}{left}"{ordinal} title="{text}">'
            f'<span class="gap-kind">{kind}</span><span class="gap-raw">{text}</span></mark>'
        )
    if piece.value is not None:
        return f'<span class="share {piece.strength}">{text}</span>'
    return text if piece.given else f'<span class="not-given">{text}</span>'
