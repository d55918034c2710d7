"""``python -m mlplatform.cli``, which ``./mlp`` runs."""

from __future__ import annotations

import sys

from mlplatform.cli.app import main

sys.exit(main())
