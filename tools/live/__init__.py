"""Measures, on a real account, what is assumed of the live service: `python -m tools.live`."""
