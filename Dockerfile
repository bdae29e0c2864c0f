# jotgraph and git, for a user without rights. Build with BASE=python:...@sha256:... to pin the base to a
# digest: docs/ci.md.
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY docs/schema docs/schema
COPY jotgraph jotgraph
RUN python -m venv /opt/jotgraph && \
    /opt/jotgraph/bin/python -m pip install --disable-pip-version-check --no-cache-dir .

FROM ${BASE}
# /state is for any user: docker run --user takes the one who owns the mounted repository
RUN apt-get update && \
    apt-get install --yes --no-install-recommends git && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --no-create-home --home-dir /state jotgraph && \
    install -d -m 1777 /state
COPY --from=build /opt/jotgraph /opt/jotgraph
ENV PATH=/opt/jotgraph/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/state \
    XDG_STATE_HOME=/state \
    XDG_CACHE_HOME=/state/cache
USER 10001:10001
WORKDIR /work
VOLUME /state
ENTRYPOINT ["jotgraph"]
CMD ["--help"]
