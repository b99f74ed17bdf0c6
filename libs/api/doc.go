// Package api is the Go client of the HTTP API, generated from api/openapi.yaml. It knows nothing about
// how the server works.
package api

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.0 -config oapi-codegen.yaml ../../api/openapi.yaml
