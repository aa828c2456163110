# syntax=docker/dockerfile:1
# One image for every service: `docker run … tidings hub`, and so on.

FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app

FROM base AS manifests
COPY package.json package-lock.json ./
COPY hub/package.json hub/
COPY jobs-service/package.json jobs-service/
COPY importer/package.json importer/
COPY aggregator/package.json aggregator/
COPY reference-data/package.json reference-data/
COPY webhooks/package.json webhooks/
COPY web-client/package.json web-client/
COPY all-in-one/package.json all-in-one/
COPY packages/contracts/package.json packages/contracts/
COPY packages/service-kit/package.json packages/service-kit/
COPY packages/csv/package.json packages/csv/
COPY packages/rows/package.json packages/rows/
COPY packages/workbook/package.json packages/workbook/
COPY packages/failures/package.json packages/failures/
COPY packages/event-log/package.json packages/event-log/
COPY packages/contact-store/package.json packages/contact-store/
COPY packages/client/package.json packages/client/
COPY packages/api-docs/package.json packages/api-docs/
COPY packages/protocol-conformance/package.json packages/protocol-conformance/
COPY packages/testing/package.json packages/testing/

FROM manifests AS production-dependencies
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM manifests AS build
RUN npm ci --include=dev --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json ./
COPY packages packages
COPY hub hub
COPY jobs-service jobs-service
COPY importer importer
COPY aggregator aggregator
COPY reference-data reference-data
COPY webhooks webhooks
COPY web-client web-client
RUN npm run build

FROM base AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 HEALTH_PORT=3001
COPY --from=production-dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY --from=build /app/dist dist
COPY --from=build /app/web-client/dist web-client/dist
# A user of the base image, who owns no file in it.
USER node
EXPOSE 3000 3001
# The command names the service.
ENTRYPOINT ["/app/dist/run"]
