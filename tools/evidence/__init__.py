"""The proofs: what is claimed, measured anew each time, written where anyone can recompute it."""
