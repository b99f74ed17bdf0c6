package gateway_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// contract reads the document that clients are made from.
func contract() (*openapi3.T, error) {
	data, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("load contract: %w", err)
	}
	return doc, nil
}

// holdAgainstContract asks and checks that the answer is what the contract promises.
func (r *rig) holdAgainstContract(method, pattern, path string) {
	r.t.Helper()
	doc, err := contract()
	if err != nil {
		r.t.Fatal(err)
	}
	a := r.want(200, nil, method, path, nil)
	item := doc.Paths.Value(pattern)
	err = openapi3filter.ValidateResponse(r.t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r.request(method, path, nil),
			Route: &routers.Route{
				Spec: doc, Path: pattern, PathItem: item, Method: method, Operation: item.GetOperation(method),
			},
		},
		Status: a.status, Header: a.header, Body: nopCloser{bytes.NewReader(a.body)},
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	})
	if err != nil {
		r.t.Errorf("%s %s breaks the contract: %v\n%s", method, path, err, a.body)
	}
}

type nopCloser struct{ *bytes.Reader }

func (nopCloser) Close() error { return nil }

func jsonInto(data []byte, out any) error { return json.Unmarshal(data, out) }
