"""Pseudonyms beside the findings of a run."""

from __future__ import annotations

from django import template

from omnigov.decisions.models import Run
from omnigov.pseudonyms import queries

register = template.Library()


@register.simple_tag
def pseudonyms_of(run: Run) -> dict[int, str]:
    """By a finding's place in the record, from 0."""
    return queries.names_of(run)
