# One image for the API (`serve`), the worker (`worker`) and every other command.
FROM python:3.13-slim AS build
# A mirror of the package index, where there is one: --build-arg PIP_INDEX_URL=…
ARG PIP_INDEX_URL
COPY requirements.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --no-deps --only-binary :all: --require-hashes \
        --requirement requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home palm
COPY --from=build /venv /venv
WORKDIR /app
COPY alembic.ini ./
COPY migrations migrations
COPY app app
ENV PATH=/venv/bin:$PATH PALM_DATA_DIR=/data PALM_HOST=0.0.0.0 PALM_PORT=8000
USER palm
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen(f\"http://127.0.0.1:{os.environ['PALM_PORT']}/healthz\", timeout=2)"]
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve"]
