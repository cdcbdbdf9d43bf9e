"""Pages that play a recording or a video."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from omnigov.security import playing_policy

PLAYED = frozenset({"sound", "video"})
"""The kinds of medium that have a player."""


def page_with_player(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The page, whose `nonce` lets in the style sheet that the player brings along, on this answer alone."""
    nonce = secrets.token_urlsafe(16)
    response = render(request, template, {**context, "nonce": nonce}, status=status)
    response["Content-Security-Policy"] = playing_policy(nonce)
    return response
