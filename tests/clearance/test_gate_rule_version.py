"""Whoever changes a rule of the gate gives it a new version, so that old decisions can be read with old rules."""

import hashlib
import re
from pathlib import Path

from chizheng.service.database import REPEATABLE

RECORD = Path(__file__).with_name("gate_rule_versions.txt")
GATE = next(file.path for file in REPEATABLE if file.name == "gate")
RULES = (
    "CREATE OR REPLACE VIEW role_requirement", "CREATE OR REPLACE FUNCTION unit_serves",
    "CREATE OR REPLACE FUNCTION certificates_in_force", "CREATE OR REPLACE FUNCTION clearance_gaps",
    "CREATE OR REPLACE FUNCTION assignment_gaps",
)  # fmt: skip


def test_a_changed_rule_has_a_new_version() -> None:
    text = GATE.read_text()
    version = text.split("gate_rule_version() RETURNS text LANGUAGE sql IMMUTABLE RETURN '")[1].split("'")[0]
    digest = hashlib.sha256("\n".join(_statement(text, rule) for rule in RULES).encode()).hexdigest()
    recorded = dict(line.split() for line in RECORD.read_text().splitlines())
    assert recorded.get(version) == digest, (
        f"The rules in {GATE.name} are not those of version {version}. If what they say has changed, raise"
        f" gate_rule_version() and add a line to {RECORD.name}: <new version> {digest}."
        f" If only their wording has, replace the digest of {version}."
    )


def _statement(text: str, beginning: str) -> str:
    """From its beginning to the blank line that ends it, without comments and spacing."""
    body = re.split(r"\n\n(?=\S)", text[text.index(beginning) :])[0]
    return " ".join(word for line in body.splitlines() for word in line.split("--")[0].split())
