"""Static files: an address that changes with the content, so that browsers may keep a file for ever.

Only what lies in `static/`, and single files mounted by name out of installed packages, can be reached.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

PACKAGED = Path(__file__).parents[1] / "static"  # where the wheel keeps it
STATIC = PACKAGED if PACKAGED.is_dir() else Path(__file__).parents[3] / "static"
# Litestar adds the charset to text
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain",
}


class Asset(NamedTuple):
    """One file as it is sent."""

    body: bytes
    kind: str
    version: str


_mounted: dict[str, Path] = {}
_known: dict[str, tuple[int, Asset]] = {}


def mount(name: str, path: Path) -> None:
    """Serves one file from elsewhere as `/static/<name>`."""
    _mounted[name] = path


def asset(name: str) -> str:
    """The versioned address of a static file; FileNotFoundError for one that is not there."""
    found = find(name)
    if found is None:
        raise FileNotFoundError(f"static/{name}")
    return f"/static/{name}?v={found.version}"


def find(name: str) -> Asset | None:
    """The file, read again only when it has changed on disk; None when there is none."""
    path = _mounted.get(name) or _inside(name)
    if path is None:
        return None
    try:
        changed = path.stat().st_mtime_ns
        known = _known.get(name)
        if known is None or known[0] != changed:
            body = path.read_bytes()
            digest = hashlib.sha256(body).hexdigest()[:16]
            known = _known[name] = (changed, Asset(body, TYPES[path.suffix], digest))
    except OSError:
        return None
    return known[1]


def _inside(name: str) -> Path | None:
    if "\0" in name or len(name) > 200:
        return None
    path = (STATIC / name).resolve()
    return path if path.is_relative_to(STATIC.resolve()) and path.suffix in TYPES else None
