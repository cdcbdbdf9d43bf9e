"""Redaction: find, mask, look again. Detectors are listed in `workers.redaction.detectors`."""

from workers.redaction.image import load, redact

__all__ = ["load", "redact"]
