"""Stand-ins for the Pulumi providers of the clouds, which carry out resources on the local
clouds.
"""
