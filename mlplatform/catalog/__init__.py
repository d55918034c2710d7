"""Dated tables of what the clouds offer, with their sources. Imports nothing but the standard
library, so that everything else may read it.
"""
