"""SageMaker's models, endpoint configurations and endpoints, with states of our own."""
