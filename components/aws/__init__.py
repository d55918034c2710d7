"""SageMaker and what it needs around it."""
