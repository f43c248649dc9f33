# Two stages: the first one builds, the second one has the program and its production dependencies and nothing else.
FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY sandbox/package.json sandbox/
RUN npm ci --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json .swcrc ./
COPY config config
COPY src src
RUN npm run build && find dist -name '*.map' -delete && npm ci --omit=dev --workspaces=false --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/config config
# The books are a volume of the user who runs the program; no secret is in the image.
RUN install -d -o node -g node -m 0700 /home/node/.openclaw /home/node/.openclaw/blockrun-proxy
USER node
VOLUME /home/node/.openclaw/blockrun-proxy
# Reached from outside of the container, so BLOCKRUN_PROXY_TOKEN has to be given: without it the program does not start.
ENV HOST=0.0.0.0 PORT=8787
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The program is process 1 and answers SIGTERM itself: it lets paid answers end. Give it time: docker stop --time 120.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--max-old-space-size=512", "--max-semi-space-size=8", "--v8-pool-size=1", "dist/main.js"]
