"""Processes that watch over others: a worker's parent, and what starts again whatever ended."""
