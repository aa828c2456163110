# syntax=docker/dockerfile:1
# One image for every service: `docker run … tidings dist/hub.mjs`, and so on.

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

FROM base AS manifests
COPY package.json package-lock.json ./
COPY hub/package.json hub/
COPY jobs-service/package.json jobs-service/
COPY importer/package.json importer/
COPY aggregator/package.json aggregator/
COPY reference-data/package.json reference-data/

FROM manifests AS production-dependencies
# What builds is a dependency of `npm start` on a laptop; nothing here needs it any more.
RUN npm ci --omit=dev --no-audit --no-fund \
 && npm uninstall --no-save --omit=dev --no-audit --no-fund esbuild tsx vite preact @preact/signals \
 && npm cache clean --force

FROM manifests AS build
RUN npm ci --omit=dev --no-audit --no-fund
COPY tsconfig.json ./
COPY contracts contracts
COPY service-kit service-kit
COPY csv csv
COPY event-log event-log
COPY contact-store contact-store
COPY hub hub
COPY jobs-service jobs-service
COPY importer importer
COPY aggregator aggregator
COPY reference-data reference-data
COPY client client
COPY web-client web-client
RUN npm run build

FROM base AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 HEALTH_PORT=3001
COPY --from=production-dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=build /app/dist dist
COPY --from=build /app/web-client/dist web-client/dist
# Comes with the image; owns nothing in it.
USER node
EXPOSE 3000 3001
# Which service it is, its command says.
ENTRYPOINT ["node", "--enable-source-maps"]
