"""Lets one user of the operating system walk through folders closed to it: traverse, nothing else.

As root the database runs as a system user, while the home and the virtual environment may lie below folders
of mode 0700. Each folder that stands in the way gets one POSIX ACL entry `user:<uid>:--x`; nobody else gains
anything, and the user can neither list nor read there. Only where the file system has no ACLs is `o+x` set.
"""

import errno
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_ATTRIBUTE = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_NOBODY_IN_PARTICULAR = 0xFFFFFFFF
_OWNER, _USER, _GROUP, _NAMED_GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_TRAVERSE = 0b001
_NO_ACLS = frozenset({errno.EOPNOTSUPP, errno.ENOSYS})
_ABSENT = _NO_ACLS | {errno.ENODATA}


class Entry(NamedTuple):
    """One line of a POSIX access control list: kind of holder, permission bits, uid or gid."""

    tag: int
    bits: int
    holder: int


def let_through(path: Path, uid: int, groups: frozenset[int]) -> tuple[Path, ...]:
    """Make every folder above `path` passable for this user; return those that had to be changed.

    `path` itself is not touched. Raises OSError if a folder cannot be changed.
    """
    blocked = [folder for folder in path.resolve().parents if not may_pass(folder, uid, groups)]
    for folder in blocked:
        _grant(folder, uid)
    return tuple(blocked)


def may_pass(folder: Path, uid: int, groups: frozenset[int]) -> bool:
    """Whether the kernel would let this user traverse `folder`: the first class that applies decides."""
    facts = folder.stat()
    entries = _read(folder)
    if uid == facts.st_uid:
        return _bits(entries, _OWNER) & _TRAVERSE != 0
    mask = _bits(entries, _MASK, default=_TRAVERSE)
    for entry in entries:
        if entry.tag == _USER and entry.holder == uid:
            return entry.bits & mask & _TRAVERSE != 0
    through_groups = [entry.bits & mask for entry in entries if _is_of_group(entry, facts.st_gid, groups)]
    if through_groups:
        return any(bits & _TRAVERSE for bits in through_groups)
    return _bits(entries, _OTHERS) & _TRAVERSE != 0


def _is_of_group(entry: Entry, owning: int, groups: frozenset[int]) -> bool:
    return (entry.tag == _GROUP and owning in groups) or (
        entry.tag == _NAMED_GROUP and entry.holder in groups
    )


def _bits(entries: Iterable[Entry], tag: int, default: int = 0) -> int:
    return next((entry.bits for entry in entries if entry.tag == tag), default)


def _read(folder: Path) -> list[Entry]:
    try:
        raw = os.getxattr(folder, _ATTRIBUTE)
    except AttributeError:  # not Linux
        return _from_mode(folder)
    except OSError as problem:
        if problem.errno in _ABSENT:
            return _from_mode(folder)
        raise
    return [Entry(*fields) for fields in _ENTRY.iter_unpack(raw[len(_VERSION) :])]


def _from_mode(folder: Path) -> list[Entry]:
    mode = folder.stat().st_mode
    shifts = ((_OWNER, 6), (_GROUP, 3), (_OTHERS, 0))
    return [Entry(tag, mode >> shift & 0b111, _NOBODY_IN_PARTICULAR) for tag, shift in shifts]


def _grant(folder: Path, uid: int) -> None:
    entries = _with_passage(_read(folder), uid)
    try:
        os.setxattr(folder, _ATTRIBUTE, _VERSION + b"".join(_ENTRY.pack(*entry) for entry in entries))
    except AttributeError:  # not Linux
        _open_to_all(folder)
    except OSError as problem:
        if problem.errno not in _NO_ACLS:
            raise
        _open_to_all(folder)


def _with_passage(entries: list[Entry], uid: int) -> list[Entry]:
    """The same list with an effective `user:<uid>:--x`; everybody else's effective bits stay as they are."""
    mask = _bits(entries, _MASK, default=0b111)
    narrowed = (_USER, _GROUP, _NAMED_GROUP)
    # the mask must grow to let x through: what it withheld from the others is now withheld in their entries
    kept = [e._replace(bits=e.bits & mask) if e.tag in narrowed else e for e in entries if e.tag != _MASK]
    others = [e for e in kept if (e.tag, e.holder) != (_USER, uid)]
    own_bits = next((e.bits for e in kept if (e.tag, e.holder) == (_USER, uid)), 0)
    wanted = [*others, Entry(_USER, own_bits | _TRAVERSE, uid)]
    union = 0
    for entry in wanted:
        union |= entry.bits if entry.tag in narrowed else 0
    # the kernel insists on this order
    return sorted([*wanted, Entry(_MASK, union, _NOBODY_IN_PARTICULAR)], key=lambda e: (e.tag, e.holder))


def _open_to_all(folder: Path) -> None:
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
