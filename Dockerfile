# The image of aixops: bot and worker. Build it with: docker build --tag YOUR-REGISTRY/aixops:0.1.0 .
# docs/install/image.md tells what is in it, and how it is run without Kubernetes.

# One exact Node for building and running: what is compiled below is read only by that version.
ARG NODE_IMAGE=node:24.21.0-trixie-slim
# glibc, libstdc++ and nothing else: no shell, no package manager. Its tag moves with Debian's security fixes; pin it by
# digest where builds must be the same for ever.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian13:nonroot

# What the program needs while it runs. Nothing is compiled: native parts of ssh2 and msgpackr are not needed.
FROM ${NODE_IMAGE} AS modules
# A registry of your own, where the public one is out of reach.
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
COPY .config/lean-modules.mjs .config/gather-licences.mjs /tools/
RUN node /tools/lean-modules.mjs node_modules
RUN node /tools/gather-licences.mjs node_modules licences/packages.txt

# The program from its source. test/ is compiled along for the demo, and left behind.
FROM ${NODE_IMAGE} AS build
ARG NPM_CONFIG_REGISTRY
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .config .config
COPY commands commands
COPY jobs jobs
COPY src src
COPY test test
RUN npm run build

# All of it at the place where it will run.
FROM modules AS product
COPY --from=build /build/dist/src dist/src
COPY --from=build /build/dist/commands dist/commands
COPY --from=build /build/dist/jobs dist/jobs
COPY LICENSE docs/third-party.md licences/
RUN cp /usr/local/LICENSE licences/node.txt
# What V8 compiled, so that a start takes half the time although the image is read-only. Node keeps it by user: it is made as
# the user of the image, and then belongs to root.
ENV NODE_COMPILE_CACHE=/app/compile-cache
RUN mkdir compile-cache && chown 65532:65532 compile-cache
RUN setpriv --reuid=65532 --regid=65532 --clear-groups node dist/src/aixops.js --version
RUN setpriv --reuid=65532 --regid=65532 --clear-groups node --input-type=module --eval "await import('/app/dist/src/cli/serve.js')"
RUN chown -R 0:0 compile-cache && chmod -R a+rX,a-w compile-cache

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="aixops" \
      org.opencontainers.image.description="A Slack bot for people who run AIX partitions, HMCs and PowerHA clusters" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
COPY --from=product /usr/local/bin/node /usr/local/bin/node
COPY --from=product /app /app
WORKDIR /app
# The settings are mounted at /etc/aixops, secrets as files that NAME_FILE points to. Only /tmp is written to.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/compile-cache \
    AIXOPS_CONFIG=/etc/aixops \
    AIXOPS_HEALTH_PORT=8080
# 8080: /livez, /readyz, /metrics. 3000: Slack's calls, with slack.mode http.
EXPOSE 8080 3000
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
    CMD ["/usr/local/bin/node", "/app/dist/src/aixops.js", "health"]
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/src/aixops.js"]
CMD ["start"]
