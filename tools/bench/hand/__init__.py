"""The hand-written program."""
