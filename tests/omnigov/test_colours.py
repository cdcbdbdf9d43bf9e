"""The colours of the pages can be read: WCAG 2.2 AA, light and dark."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

SOURCE = (settings.BASE_DIR / "omnigov" / "static" / "omnigov.css").read_text(encoding="utf-8")
NAMED = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", SOURCE)
}
WORDS = ("ink", "muted", "accent", "accent-strong", "ok", "wait", "stop", "info", "against")
GROUNDS = ("paper", "surface", "sunken")


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance, 0 … 1 (WCAG 2.2, definition)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colour(name: str, scheme: int) -> tuple[float, ...]:
    text = NAMED[name][scheme]
    return tuple(int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))


def mixed(one: tuple[float, ...], other: tuple[float, ...], share: float) -> tuple[float, ...]:
    return tuple(share * a + (1 - share) * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_words_stand_out(word: str, ground: str, scheme: int) -> None:
    assert contrast(colour(word, scheme), colour(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("tone", ["muted", "ok", "wait", "stop", "info"])
def test_badges_stand_out_on_their_own_tint(tone: str, scheme: int) -> None:
    tint = mixed(colour(tone, scheme), colour("surface", scheme), 0.11)
    assert contrast(colour(tone, scheme), tint) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_buttons_and_edges_stand_out(scheme: int) -> None:
    for ground in ("accent", "accent-strong"):
        assert contrast(colour("on-accent", scheme), colour(ground, scheme)) >= 4.5
    for ground in GROUNDS:
        assert contrast(colour("edge", scheme), colour(ground, scheme)) >= 3
        assert contrast(colour("focus", scheme), colour(ground, scheme)) >= 3
