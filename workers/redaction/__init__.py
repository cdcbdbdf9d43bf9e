"""Redaction: find, mask, look again.

Rooms, each of which uses only what stands below it: cli → kinds → masking → detectors → forms → language and
reading (which don't use each other) → core. What is imported here would be part of every detector's digest,
so nothing is.
"""
