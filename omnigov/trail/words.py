"""What stands in the fields of entries, in the words that the house has for it."""

from __future__ import annotations

from omnigov.accounts.models import Role

_ROLES = {role.value: role.label for role in Role}
VALUES = {"role": _ROLES, "before": _ROLES}


def words_of(field: str, value: object) -> str:
    """The value in the reader's words."""
    return str(VALUES.get(field, {}).get(str(value), value))
