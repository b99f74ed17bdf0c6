package front

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/gateway/internal/problem"
)

// sort turns what the validator found into faults of parameters and faults of the body.
func sort(err error) (params, body []problem.Fault) {
	for _, e := range flatten(err) {
		var request *openapi3filter.RequestError
		if !errors.As(e, &request) {
			continue
		}
		if request.Parameter != nil {
			at := request.Parameter.In + "/" + request.Parameter.Name
			params = append(params, faults(at, "", request.Err)...)
			continue
		}
		body = append(body, faults("", "/", request.Err)...)
	}
	return params, body
}

// flatten takes lists apart, but does not look into what wraps a list: that says where the list belongs.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	many, ok := err.(openapi3.MultiError) //nolint:errorlint // see above
	if !ok {
		return []error{err}
	}
	var out []error
	for _, e := range many {
		out = append(out, flatten(e)...)
	}
	return out
}

// faults describes every broken rule below one parameter or the body.
func faults(at, separator string, err error) []problem.Fault {
	var out []problem.Fault
	for _, e := range flatten(err) {
		f := problem.Fault{Pointer: at, Code: "invalid", Detail: wrong.detail, Fix: wrong.fix}
		var broken *openapi3.SchemaError
		if errors.As(e, &broken) {
			if path := broken.JSONPointer(); separator != "" && len(path) > 0 {
				f.Pointer = at + separator + strings.Join(path, "/")
			}
			f.Code, f.Detail, f.Fix = explain(broken)
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		out = append(out, problem.Fault{Pointer: at, Code: "required", Detail: missing.detail, Fix: missing.fix})
	}
	return out
}

// rule is what is said about one kind of broken rule.
type rule struct {
	code        string
	detail, fix failure.Text
}

var (
	wrong = rule{
		"invalid",
		failure.Text{EN: "has the wrong form", ZH: "格式不正确"},
		failure.Text{EN: "see the API description", ZH: "请参阅 API 说明"},
	}
	missing = rule{
		"required",
		failure.Text{EN: "is missing", ZH: "缺少此项"},
		failure.Text{EN: "add it", ZH: "请补充"},
	}
)

// explain says which rule is broken. It never repeats the value, which may be a secret.
func explain(e *openapi3.SchemaError) (code string, detail, fix failure.Text) {
	s := e.Schema
	say := func(code, en, zh string, args ...any) (string, failure.Text, failure.Text) {
		return code, failure.Text{EN: fmt.Sprintf(en, args...), ZH: fmt.Sprintf(zh, args...)},
			failure.Text{EN: "change it accordingly", ZH: "请相应修改"}
	}
	switch e.SchemaField {
	case "required":
		return missing.code, missing.detail, missing.fix
	case "properties", "additionalProperties":
		return "unknown_field", failure.Text{EN: "there is no such field", ZH: "没有这个字段"},
			failure.Text{EN: "remove it or correct its name", ZH: "请删除或更正字段名"}
	case "minimum", "maximum":
		return say("out_of_range", "must be between %v and %v", "必须在 %v 与 %v 之间", bound(s.Min), bound(s.Max))
	case "minLength", "maxLength":
		return say("out_of_range", "must have %d to %v characters", "长度必须为 %d 到 %v 个字符", s.MinLength, ubound(s.MaxLength))
	case "minItems", "maxItems":
		return say("out_of_range", "must have %d to %v entries", "必须有 %d 到 %v 项", s.MinItems, ubound(s.MaxItems))
	case "enum":
		return say("invalid", "must be one of %v", "必须是以下之一：%v", s.Enum)
	case "pattern":
		return say("invalid", "must match %s", "必须符合 %s", s.Pattern)
	case "type":
		return say("wrong_type", "must be %s", "类型必须是 %s", strings.Join(s.Type.Slice(), " / "))
	case "format":
		return say("invalid", "must be a %s", "必须是 %s 格式", s.Format)
	}
	return wrong.code, wrong.detail, wrong.fix
}

func bound(f *float64) any {
	if f == nil {
		return "…"
	}
	return *f
}

func ubound(n *uint64) any {
	if n == nil {
		return "…"
	}
	return *n
}
