"""Profiles as people write them, in JSON."""

from __future__ import annotations

FACES = {"text": False, "codes": False, "seals": False, "screens": False}

NOTHING = FACES | {"faces": False, "second_look": False}
