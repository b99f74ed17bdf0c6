package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// schemas collects the JSON Schema of every payload type, each once and by its name.
type schemas struct {
	named map[string]object
	types map[string]reflect.Type
}

func newSchemas() *schemas {
	return &schemas{named: map[string]object{}, types: map[string]reflect.Type{}}
}

// spelled are the types that write themselves in a form of their own.
var spelled = map[reflect.Type]object{
	reflect.TypeFor[time.Time]():     {{"type", "string"}, {"format", "date-time"}},
	reflect.TypeFor[[]byte]():        {{"type", "string"}, {"contentEncoding", "base64"}},
	reflect.TypeFor[spec.Duration](): {{"type", "string"}, {"examples", []string{"60s"}}},
	reflect.TypeFor[spec.Length]():   {{"oneOf", []any{object{{"type", "integer"}}, numbers("min", "max")}}},
	reflect.TypeFor[spec.Warmup]():   {{"oneOf", []any{object{{"type", "boolean"}}, numbers("requests")}}},
	reflect.TypeFor[spec.Concurrency](): {{"oneOf", []any{
		object{{"type", "array"}, {"items", object{{"type", "integer"}}}}, object{{"const", "auto"}},
	}}},
	reflect.TypeFor[failure.Class](): {{"type", "string"}, {"enum", classes()}},
}

func numbers(fields ...string) object {
	properties := object{}
	for _, f := range fields {
		properties = append(properties, entry{f, object{{"type", "integer"}}})
	}
	return object{{"type", "object"}, {"required", fields}, {"properties", properties}}
}

func classes() []string {
	out := make([]string, len(failure.Classes))
	for i, c := range failure.Classes {
		out[i] = string(c)
	}
	return out
}

// of describes one type; a struct becomes a reference.
func (s *schemas) of(t reflect.Type) (object, error) {
	if o, ok := spelled[t]; ok {
		return o, nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.reference(t)
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		items, err := s.of(t.Elem())
		return object{{"type", "array"}, {"items", items}}, err
	case reflect.Map:
		values, err := s.of(t.Elem())
		return object{{"type", "object"}, {"additionalProperties", orNull(t.Elem(), values)}}, err
	case reflect.String:
		return object{{"type", "string"}}, nil
	case reflect.Bool:
		return object{{"type", "boolean"}}, nil
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{{"type", "integer"}}, nil
	case reflect.Float64:
		return object{{"type", "number"}}, nil
	}
	return nil, fmt.Errorf("type %v has no JSON Schema here", t)
}

// orNull allows null where a pointer may be nil.
func orNull(t reflect.Type, o object) object {
	if t.Kind() != reflect.Pointer {
		return o
	}
	return object{{"oneOf", []any{o, object{{"type", "null"}}}}}
}

func (s *schemas) reference(t reflect.Type) (object, error) {
	ref := object{{"$ref", "#/components/schemas/" + t.Name()}}
	if have, ok := s.types[t.Name()]; ok {
		if have != t {
			return nil, fmt.Errorf("%v and %v have one name", have, t)
		}
		return ref, nil
	}
	s.types[t.Name()] = t
	var properties object
	var required []string
	if err := s.fields(t, &properties, &required); err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	o := object{{"type", "object"}}
	if len(required) > 0 {
		o = append(o, entry{"required", required})
	}
	s.named[t.Name()] = append(o, entry{"properties", properties})
	return ref, nil
}

// fields adds the fields of a struct, those of embedded structs among them.
func (s *schemas) fields(t reflect.Type, properties *object, required *[]string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if err := s.fields(f.Type, properties, required); err != nil {
				return err
			}
			continue
		}
		if name == "" || name == "-" {
			return fmt.Errorf("field %s has no JSON name", f.Name)
		}
		o, err := s.of(f.Type)
		if err != nil {
			return err
		}
		optional := slices.ContainsFunc(strings.Split(options, ","), func(o string) bool { return o == "omitempty" || o == "omitzero" })
		if !optional {
			*required = append(*required, name)
			o = orNull(f.Type, o)
		}
		*properties = append(*properties, entry{name, o})
	}
	return nil
}

// all lists the collected schemas by name.
func (s *schemas) all() object {
	names := make([]string, 0, len(s.named))
	for name := range s.named {
		names = append(names, name)
	}
	slices.Sort(names)
	out := object{}
	for _, name := range names {
		out = append(out, entry{name, s.named[name]})
	}
	return out
}
