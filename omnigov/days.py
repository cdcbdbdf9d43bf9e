"""Days that people fill in, as moments: by the time zone of whoever reads the page."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _


def days(cleaned: dict[str, Any]) -> dict[str, Any]:
    """`since` and `until` as moments: the first day's beginning and the last day's end, for the reader."""
    since, until = cleaned.get("since"), cleaned.get("until")
    if since and until and until < since:
        raise forms.ValidationError(_("The last day lies before the first one. Change one of them."))
    if since:
        cleaned["since"] = day_begins(since)
    if until:
        # Of the calendar's last day nobody can say when it is over.
        cleaned["until"] = day_begins(min(until, date.max - timedelta(days=2)) + timedelta(days=1))
    return cleaned


def day_begins(day: date) -> datetime:
    """When the day begins for the reader. The calendar's first days lie before any entry."""
    day = max(day, date(1971, 1, 1))
    return datetime.combine(day, time.min, timezone.get_current_timezone())
