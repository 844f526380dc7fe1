"""Options of the tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="run the long trials whole")


@pytest.fixture
def soak(pytestconfig: pytest.Config) -> bool:
    """Whether a long trial is to run whole, not as a seeded sample."""
    return bool(pytestconfig.getoption("--soak"))
