// Package httpapi is the server side of api/openapi.yaml, generated: routes, parameters, answers. It
// knows nothing about tests.
package httpapi

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.0 -config oapi-codegen.yaml ../../../../api/openapi.yaml
