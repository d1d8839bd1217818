# The server in a container: docs/containers.md. Two stages: what builds it stays behind.
ARG PYTHON=3.13
FROM docker.io/library/python:${PYTHON}-slim AS build
WORKDIR /src
RUN python -m venv /opt/tenfold
ENV PATH=/opt/tenfold/bin:$PATH
COPY requirements-serve.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements-serve.lock
COPY pyproject.toml README.md LICENSE ./
COPY tools/long_description.py tools/
COPY results results
COPY src src
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
COPY deploy/compile_engine.py deploy/
# The compiled engine serves processors of the same kind; on another, each start compiles it again in memory.
RUN TENFOLD_CACHE=/var/cache/tenfold python deploy/compile_engine.py

FROM docker.io/library/python:${PYTHON}-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin tenfold
COPY --from=build /opt/tenfold /opt/tenfold
# Compiled code is used only if it belongs to the user.
COPY --from=build --chown=10001:10001 /var/cache/tenfold /var/cache/tenfold
ENV PATH=/opt/tenfold/bin:$PATH \
    TENFOLD_CACHE=/var/cache/tenfold \
    MPLCONFIGDIR=/tmp \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/v2/health/ready', timeout=2)"]
ENTRYPOINT ["tenfold"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
