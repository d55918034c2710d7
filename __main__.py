"""The Pulumi program; everything is in ``infra``."""

from infra.program import main

main()
