"""Serve the local AWS: ``python -m mlplatform.sandbox.clouds.aws --dir DIR``."""

from __future__ import annotations

import os
import sys

from mlplatform.sandbox.clouds import frame
from mlplatform.sandbox.clouds.aws.wire import DEFAULT_ACCOUNT, DEFAULT_REGION, KEY_PREFIX
from mlplatform.sandbox.clouds.control import Control
from mlplatform.sandbox.clouds.journal import Journal, JournalDamaged

_SECRET = "sandbox"
"""Signatures are not checked; clients only need something to sign with."""


def main() -> int:
    # A profile or proxy of the user's own must not reach the vendor's libraries in this process.
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    with frame.opened() as options:
        listener = frame.listen(frame.former_port(options.directory, "http"))
        from moto.moto_server.werkzeug_app import MotoRequestHandler

        from mlplatform.sandbox.clouds.aws.front import Front

        try:
            front = Front(Journal(options.directory / "journal"), delay_s=options.delay_s)
        except JournalDamaged as damage:
            sys.exit(str(damage))
        front.restore()
        control = Control(
            faults=front.faults, log=front.log, resources=front.resources, reset=front.reset
        )
        server = frame.HttpServer(control.wrap(front), listener, handler=MotoRequestHandler)
        url = f"http://{frame.LOOPBACK}:{server.port}"
        key = f"{KEY_PREFIX}{DEFAULT_ACCOUNT}"
        return frame.run(
            options,
            [server],
            ports={"http": server.port},
            public={
                "endpoint_url": url,
                "region": DEFAULT_REGION,
                "access_key_id": key,
                "secret_access_key": _SECRET,
            },
            environ={
                "AWS_ENDPOINT_URL": url,
                "AWS_ACCESS_KEY_ID": key,
                "AWS_SECRET_ACCESS_KEY": _SECRET,
                "AWS_REGION": DEFAULT_REGION,
                "AWS_DEFAULT_REGION": DEFAULT_REGION,
            },
        )


if __name__ == "__main__":
    sys.exit(main())
