#!/bin/sh
# Makes generated code and documents again: the HTTP server and clients from api/openapi.yaml, the event
# table, diagram and AsyncAPI document from the Catalog.
set -eu
cd "$(dirname "$0")/.."
go generate ./libs/api/... ./services/gateway/...
go run ./tools/eventdocs
(cd frontend && npm run --silent generate)
