"""Settings for the readers of a delivered record: printed, never written to a file."""
