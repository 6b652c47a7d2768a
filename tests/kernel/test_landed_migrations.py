"""A migration that others have already run is not edited: a change comes as another migration."""

import hashlib

from chizheng.kernel.migrating import ROOT

RECORD = ROOT / "tests/kernel/landed_migrations.txt"


def test_a_landed_migration_is_not_edited() -> None:
    landed = dict(line.split() for line in RECORD.read_text().splitlines())
    found = {
        file.relative_to(ROOT / "migrations").as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (ROOT / "migrations").rglob("*_20*.py")
    }
    assert landed
    assert {name: found.get(name) for name in landed} == landed, "write a new migration instead"
    assert sorted(set(found) - set(landed)) == [], f"add the new migrations to {RECORD.name}: {found}"
