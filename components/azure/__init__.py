"""Azure Machine Learning and what it needs around it."""
