"""Whoever changes a rule of the gate gives it a new version, so that old decisions can be read with old rules."""

import hashlib
import re
from pathlib import Path

from chizheng.service.database import REPEATABLE

RECORD = Path(__file__).with_name("gate_rule_versions.txt")
TEXTS = {file.name: file.path.read_text() for file in REPEATABLE}
RULES = (
    ("personnel", "CREATE OR REPLACE FUNCTION standing_of"),
    ("gate", "CREATE OR REPLACE FUNCTION role_needs"),
    ("gate", "CREATE OR REPLACE FUNCTION standing_gaps"),
    ("gate", "CREATE OR REPLACE FUNCTION clearance_answer"),
    ("gate", "CREATE OR REPLACE FUNCTION assignment_answer"),
)


def test_a_changed_rule_has_a_new_version() -> None:
    version = (
        TEXTS["gate"]
        .split("gate_rule_version() RETURNS text LANGUAGE sql IMMUTABLE RETURN '")[1]
        .split("'")[0]
    )
    digest = hashlib.sha256(
        "\n".join(_statement(TEXTS[file], rule) for file, rule in RULES).encode()
    ).hexdigest()
    recorded = dict(line.split() for line in RECORD.read_text().splitlines())
    assert recorded.get(version) == digest, (
        f"The rules of the gate are not those of version {version}. If what they say has changed, raise"
        f" gate_rule_version() and add a line to {RECORD.name}: <new version> {digest}."
        f" If only their wording has, replace the digest of {version}."
    )


def _statement(text: str, beginning: str) -> str:
    """From its beginning to the blank line that ends it, without comments and spacing."""
    body = re.split(r"\n\n(?=\S)", text[text.index(beginning) :])[0]
    return " ".join(word for line in body.splitlines() for word in line.split("--")[0].split())
