"""Which base URLs exist, what a delivered record holds, and what must never be deployed: data and pure functions.

Imports nothing else of this project, so every other part may use it.
"""
