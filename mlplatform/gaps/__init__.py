"""mlgap: the project's own provider for what the ordinary ones lack or get wrong.

``sdk`` holds the resource classes that programs use; ``plugin`` the process that does the work.
A resource ``mlgap:<cloud>:<Noun>`` is ``sdk/<cloud>/<noun>.py`` and ``plugin/<cloud>/<noun>.py``.
"""
