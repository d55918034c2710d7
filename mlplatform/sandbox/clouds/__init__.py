"""Local clouds: one process each, on loopback, that the vendors' own clients can talk to.

``python -m mlplatform.sandbox.clouds.<cloud> --dir DIR`` serves one. What every cloud needs
stands in this folder (``frame``: process, ports, address file; ``control``: faults, request log,
listing and reset on demand; ``journal`` and ``documents``: state that outlives the process);
what one cloud knows stands in the package named after it.
"""
