"""The export page: what it says of exports that were ordered."""

from __future__ import annotations

from typing import Any

from django.test import Client


def test_the_last_day_is_the_one_that_was_asked_for(client: Client, cast: Any) -> None:
    client.force_login(cast.auditor)
    given = {"since": "2026-03-01", "until": "2026-03-09", "profile": "redacted", "language": "en"}
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        client.cookies["omnigov_zone"] = zone
        page = client.post("/export/", given, follow=True).content.decode()
        assert page.count("2026-03-01 – 2026-03-09") >= 1, zone
        assert "2026-03-10" not in page
        given["kind"] = "review"
