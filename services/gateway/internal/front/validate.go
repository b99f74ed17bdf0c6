package front

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/gateway/internal/problem"
)

// MaxBody bounds a request body, bytes.
const MaxBody = 2 << 20

// check holds the request against the contract and lists everything wrong with it at once.
func (g *guard) check(w http.ResponseWriter, r *http.Request, op operation) error {
	raw := op.OperationID == "RunTest" // libs/spec checks this body as a whole
	if err := g.body(w, r, op, raw); err != nil {
		return err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: op.params, QueryParams: r.URL.Query(),
		Route: &routers.Route{
			Spec: g.contract, Path: op.pattern, PathItem: op.item, Method: r.Method, Operation: op.Operation,
		},
		Options: &openapi3filter.Options{
			MultiError: true, SkipSettingDefaults: true, ExcludeRequestBody: raw,
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		},
	}
	err := openapi3filter.ValidateRequest(r.Context(), input)
	params, body := sort(err)
	params = append(params, unknownQuery(r, op)...)
	if len(params) > 0 {
		p := problem.New(problem.InvalidParameter).Because(err)
		p.Errors = append(params, body...)
		return p
	}
	if err != nil {
		p := problem.New(problem.InvalidBody).Because(err)
		p.Errors = body
		return p
	}
	return nil
}

// body reads the body once, whole, so that everything behind sees the same bytes.
func (g *guard) body(w http.ResponseWriter, r *http.Request, op operation, raw bool) error {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return problem.New(problem.BodyTooLarge)
	}
	if err != nil {
		return problem.New(problem.MalformedBody).Because(err)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	if op.RequestBody == nil || len(data) == 0 && !op.RequestBody.Value.Required {
		return nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" && (!raw || !yaml(media)) {
		return problem.New(problem.UnsupportedMedia)
	}
	if !utf8.Valid(data) {
		return malformed("the body is not UTF-8", "请求体不是 UTF-8 编码", "save it as UTF-8", "请以 UTF-8 保存")
	}
	if !raw && !json.Valid(data) {
		return malformed("the body is not JSON", "请求体不是有效的 JSON", "send one JSON object", "请发送一个 JSON 对象")
	}
	return nil
}

// yaml reports the media types people use for YAML.
func yaml(media string) bool {
	return media == "application/yaml" || media == "application/x-yaml" || media == "text/yaml"
}

func malformed(en, zh, fixEN, fixZH string) error {
	p := problem.New(problem.MalformedBody)
	p.Errors = []problem.Fault{{
		Code: "syntax", Detail: failure.Text{EN: en, ZH: zh}, Fix: failure.Text{EN: fixEN, ZH: fixZH},
	}}
	return p
}

// unknownQuery lists query parameters the operation does not have: a typo must not pass for a filter.
func unknownQuery(r *http.Request, op operation) []problem.Fault {
	var out []problem.Fault
	for name := range r.URL.Query() {
		if op.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			out = append(out, problem.Fault{
				Pointer: "query/" + name, Code: "unknown_parameter",
				Detail: failure.Text{EN: "there is no such parameter", ZH: "没有这个参数"},
				Fix:    failure.Text{EN: "remove it or correct its name", ZH: "请删除或更正参数名"},
			})
		}
	}
	return out
}
