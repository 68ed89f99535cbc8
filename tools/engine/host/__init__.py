"""A small Pulumi language host for Python, used only beside an engine that was built from its Go module."""
