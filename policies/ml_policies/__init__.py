"""Rules for machine-learning platforms: each is data and one pure check."""
