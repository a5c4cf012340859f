# Two stages: the first holds tools and sources, the second only what runs.
# Any Debian-like image with Python 3.11 or later and its venv module serves as the base.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY .ci/locks/ .ci/locks/
# The build tool lives in an environment of its own and stays behind.
RUN python3 -m venv /build \
    && /build/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r .ci/locks/build.txt \
    && python3 -m venv /opt/reconciler \
    && /opt/reconciler/bin/python -m pip install --quiet --no-cache-dir --require-hashes -r .ci/locks/runtime.txt
COPY pyproject.toml README.md ./
COPY reconciler/ reconciler/
RUN /build/bin/python -m hatchling build -t wheel -d /wheels \
    && /opt/reconciler/bin/python -m pip install --quiet --no-cache-dir --no-deps --no-index /wheels/*.whl \
    && /opt/reconciler/bin/python -m pip uninstall --quiet --yes pip \
    && /opt/reconciler/bin/python -m compileall -q -j 0 /opt/reconciler

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/reconciler /opt/reconciler
# A numeric user, so that `runAsNonRoot` can be checked without a look into the image.
RUN mkdir -p /data /etc/reconciler && chown 10001:10001 /data
ENV PATH="/opt/reconciler/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL="sqlite:////data/reconciler.db"
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Unhealthy when three intervals passed without a finished cycle. Where [dashboard] listens on another port, set
# HEALTH_URL. Inside a container it has to listen on "0.0.0.0:8080" to be reached from outside.
ENV HEALTH_URL="http://127.0.0.1:8080/api/health"
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=2 CMD ["python3", "-c", \
    "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(os.environ['HEALTH_URL'], timeout=4)"]
ENTRYPOINT ["reconciler", "--config", "/etc/reconciler/config.toml"]
CMD ["run"]
