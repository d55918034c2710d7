"""The process behind mlgap's resources: ``python -m mlplatform.gaps.plugin``.

To add a resource: one file ``<cloud>/<noun>.py`` with a class that answers ``resource.Resource``,
one line in ``registry.py``, and its typed class in ``mlplatform/gaps/sdk/<cloud>/<noun>.py``.
"""
