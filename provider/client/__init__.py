"""Typed calls to the services over the vendor's SDK: retries and redaction included, nothing of Pulumi."""
