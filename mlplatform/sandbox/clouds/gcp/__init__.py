"""The local Google Cloud: Vertex AI over REST and gRPC, and the services around it over REST.

One process and one HTTP port for all services: their paths do not collide, so the vendor's clients
only need another host. What a method means follows from its discovery document; what a service
does beyond that stands in one module per service.
"""
