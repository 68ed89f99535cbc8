"""The fault matrix: every kind of call that a run makes, disturbed in every way, and what the next runs make of it."""
