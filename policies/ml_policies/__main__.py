"""``python -m ml_policies``: what a project needs beside the wheel, on standard output.

``profile NAME``: levels for ``--policy-pack-config``. ``schema``: its JSON Schema. ``list``: the
rules.
"""

from __future__ import annotations

import argparse
import json

from ml_policies import configuration, profiles
from ml_policies.pack import OWN
from ml_policies.rules import all_rules


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m ml_policies", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("profile").add_argument("name", choices=profiles.PROFILES)
    commands.add_parser("schema")
    commands.add_parser("list")
    asked = parser.parse_args()
    every = [*all_rules(), *OWN]
    if asked.command == "profile":
        print(profiles.text(asked.name, every), end="")
    elif asked.command == "schema":
        print(json.dumps(configuration.schema(every), indent=1))
    else:
        for rule in every:
            print(f"{rule.id}  {rule.severity.value}  {rule.summary}")


if __name__ == "__main__":
    main()
