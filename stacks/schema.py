"""The JSON Schema of a stack file, for completion in editors: `python -m stacks.schema` writes it."""

import json
from pathlib import Path
from typing import Any

from stacks.settings import Settings

FILE = Path(__file__).with_name("settings.schema.json")


def schema() -> dict[str, Any]:
    """Return the schema of a whole `Pulumi.<stack>.yaml`; what other packages keep in it is let through."""
    settings = Settings.model_json_schema(ref_template="#/$defs/{model}")
    definitions = settings.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of Model Studio access",
        "type": "object",
        "properties": {"config": {"type": "object", "properties": {"model-studio:settings": settings}}},
        "$defs": definitions,
    }


def text() -> str:
    """Return the schema as it stands in the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
