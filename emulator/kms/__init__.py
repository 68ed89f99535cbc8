"""Secrets of the key management service, API version 2016-01-20, one region per port."""

from emulator.kms import secrets, tags, versions

OPERATIONS = (*secrets.OPERATIONS, *versions.OPERATIONS, *tags.OPERATIONS)
