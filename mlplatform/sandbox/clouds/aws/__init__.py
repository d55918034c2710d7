"""The local AWS: ``python -m mlplatform.sandbox.clouds.aws --dir DIR``.

moto serves most services. In front of it stands a layer of our own (``front``) that finds out who
asks for what (``wire``), lets a request fail on demand, keeps a journal of every request that
changed something, and answers itself where moto lacks an operation or answers otherwise than the
service: the SageMaker endpoint family and Application Auto Scaling of endpoints, one module per
noun. Those handlers are judged by botocore's service model (``shapes``), requests and answers.
"""
