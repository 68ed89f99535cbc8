"""The secret stores that this plugin writes itself: one way to use each, whatever its words."""
