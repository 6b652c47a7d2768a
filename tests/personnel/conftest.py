"""A district of its own for each test of personnel."""

import pytest

from tests import cast


@pytest.fixture
async def district(db: str, request: pytest.FixtureRequest) -> cast.District:
    return await cast.a_district(f"{abs(hash(request.node.nodeid)) % 10**8}·")
