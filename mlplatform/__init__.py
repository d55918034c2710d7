"""Machine-learning platforms as code on SageMaker, Vertex AI and Azure ML."""

__version__ = "0.1.0"
