"""Write the JSON Schema of the configuration, which editors use, from its typed objects."""

import json
from pathlib import Path

from genopool.config import json_schema

SCHEMA = Path(__file__).parent.parent / "workflow" / "schemas" / "config.schema.json"

SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n", encoding="utf-8")
