"""What names, values, descriptions and constraints may be.

Where the documents differ or say nothing, the stricter reading: what passes here passes there. Names have 1 to 180
(secret) or 1 to 200 (plain) characters by the API reference, 2 to 180 by the alicloud provider; whether the reserved
beginnings are meant in any case, and whether a pattern must match the whole value, is not said.
"""

import json
import re
from typing import Any

from emulator.oos.common import invalid
from emulator.openapi import Call

_NAME = re.compile(r"[A-Za-z0-9_/-]{2,180}")
_RESERVED = ("aliyun", "acs", "alibaba", "alicloud", "oos")
_LONGEST_VALUE = 4096
_LONGEST_DESCRIPTION = 200


def check_name(name: str) -> None:
    """Raise Refusal unless it is 2 to 180 letters, digits, `-`, `_`, `/`, without a reserved beginning."""
    if not _NAME.fullmatch(name) or name.lower().startswith(_RESERVED):
        raise invalid("Name", "The specified name is invalid.")


def read_value(call: Call, constraints: str | None) -> str:
    """Return the value: 1 to 4096 characters that obey the constraints. Raises Refusal."""
    value = call.required("Value")
    if len(value) > _LONGEST_VALUE:
        raise invalid("Value", "The value must be 1 to 4096 characters in length.")
    if constraints and not _obeys(value, constraints):
        raise invalid("Value", "The value does not meet the constraints.")
    return value


def read_description(call: Call) -> str:
    """Return the description of at most 200 characters; an empty one is none. Raises Refusal."""
    description = call.get("Description")
    if len(description) > _LONGEST_DESCRIPTION:
        raise invalid("Description", "The description must be 1 to 200 characters in length.")
    return description


def _obeys(value: str, text: str) -> bool:
    """Say whether a value obeys the JSON object of constraints. Raises Refusal if it is none."""
    try:
        given: Any = json.loads(text)
        return (
            value in list(given.get("AllowedValues", [value]))
            and re.fullmatch(given.get("AllowedPattern", "(?s:.*)"), value) is not None
            and int(given.get("MinLength", 0)) <= len(value) <= int(given.get("MaxLength", len(value)))
        )
    except (ValueError, TypeError, AttributeError, re.error):
        raise invalid("Constraints") from None
