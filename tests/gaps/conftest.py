"""One local Google Cloud for all tests of a process: gRPC reads its authority once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mlplatform.gaps.plugin.gcp.cloud import GcpCloud
from mlplatform.gaps.plugin.gcp.pace import Pace
from tests.sandbox.gcp_served import LOCATION, PROJECT, Served, served


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gcp"), delay_s=0.02) as cloud:
        yield cloud


@pytest.fixture(scope="session")
def vertex(running: Served) -> Iterator[GcpCloud]:
    """One project for all tests, for its clients take seconds to import."""
    patch = pytest.MonkeyPatch()
    for name, value in running.environ.items():
        patch.setenv(name, value)
    yield GcpCloud({"project": PROJECT, "region": LOCATION})
    patch.undo()


@pytest.fixture
def cloud(running: Served, vertex: GcpCloud) -> Served:
    """An empty cloud, with a whole minute's quota."""
    running.reset()
    vertex.pace = Pace()
    return running
