"""One service's keys: what is on record, what is due, and the steps from a new key to its place."""
