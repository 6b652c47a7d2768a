"""Texts that come from outside, as long as their columns hold and without the one character PostgreSQL cannot."""

from typing import Annotated, Final, TypeAlias

import msgspec

NO_NUL: Final = r"^[^\x00]*$"
Reason: TypeAlias = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
DocumentNo: TypeAlias = Annotated[str, msgspec.Meta(max_length=100, pattern=NO_NUL)]
Line: TypeAlias = Annotated[str, msgspec.Meta(max_length=60, pattern=NO_NUL)]
