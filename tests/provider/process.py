"""A provider process for the tests of ``serve``: a create in it waits until it is cancelled."""

from __future__ import annotations

import sys

from mlplatform.provider.model import Context
from mlplatform.provider.server import serve
from tests.provider.stub import Stub

if __name__ == "__main__":

    def act(ctx: Context) -> None:
        print("a stray print")
        if ctx.preview:
            ctx.warn("careful")
        else:
            ctx.wait(600)

    stub = Stub()
    stub.act = act
    sys.exit(serve(stub))
