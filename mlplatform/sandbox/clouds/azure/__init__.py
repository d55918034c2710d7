"""A local Azure: Resource Manager over TLS, Azure ML's rules, and a small blob service.

One generic Resource Manager keeps every type (`arm`); what a type does beyond that stands in
`kinds`, one file for each service. Nothing here reads the contracts' data: what is refused here
was written down a second time, from Microsoft's documents.
"""
