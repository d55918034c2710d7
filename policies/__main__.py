"""Entry point of the policy pack. Serving it blocks, so only here."""

from pathlib import Path

from ml_policies import pack

pack.run(Path(__file__).resolve().parent)
