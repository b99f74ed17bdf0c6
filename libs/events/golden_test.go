package events

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files again")

// What is on the wire is a promise to other versions: a change of a golden file is a change of the contract.
func TestGolden(t *testing.T) {
	all := others()
	for k, payload := range examples() {
		all[string(k)] = payload
	}
	for name, payload := range all {
		t.Run(name, func(t *testing.T) {
			allFilled(t, name, reflect.ValueOf(payload))
			got, path := indented(t, payload), filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; run go test ./events -update", err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the contract changed (-golden +now)\n%s", diff)
			}
			back := reflect.New(reflect.TypeOf(payload))
			dec := json.NewDecoder(bytes.NewReader(want))
			dec.DisallowUnknownFields()
			if err := dec.Decode(back.Interface()); err != nil {
				t.Fatalf("read back: %v", err)
			}
			if diff := cmp.Diff(payload, back.Elem().Interface()); diff != "" {
				t.Errorf("read back (-want +got)\n%s", diff)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := all[strings.TrimSuffix(filepath.Base(f), ".json")]; !ok {
			t.Errorf("%s belongs to no payload", f)
		}
	}
}

// allFilled fails when an example leaves a field out, so that no field escapes the golden files.
func allFilled(t *testing.T, at string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			allFilled(t, at, v.Elem())
		}
	case reflect.Slice:
		for i := range min(v.Len(), 1) {
			allFilled(t, at, v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if v.Field(i).IsZero() && !slices.Contains([]string{"Auto"}, f.Name) {
				t.Errorf("the example leaves %s.%s empty", at, f.Name)
			}
			allFilled(t, at+"."+f.Name, v.Field(i))
		}
	}
}

// Every number on the wire says its unit in its name, or is one of these counts and places.
func TestNumbersCarryUnits(t *testing.T) {
	unit := regexp.MustCompile(`_(ns|ms|s|bytes|tokens|per_s|per_word|at|1m)$`)
	counts := strings.Fields(`seq attempt level levels loop loops index asked total ok failed errors done percent
		count concurrency requests warmup retries runners cpus seed
		input_length output_length input output min max shared_prefix rate
		native`) // tokens, shares and requests per second of the spec; the keys of native carry their units
	spread := strings.Fields(`mean stddev min max p50 p90 p95 p99`) // of a distribution, whose holder has the unit
	seen := map[reflect.Type]bool{}
	var walk func(at string, holder string, ty reflect.Type)
	walk = func(at, holder string, ty reflect.Type) {
		switch ty.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(at, holder, ty.Elem())
		case reflect.Struct:
			if seen[ty] || ty == reflect.TypeFor[time.Time]() {
				if ty == reflect.TypeFor[time.Time]() && !unit.MatchString(holder) {
					t.Errorf("%s is a time and does not end in _at", at)
				}
				return
			}
			seen[ty] = ty.Name() != "Stats"
			for i := range ty.NumField() {
				f := ty.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if f.Anonymous && name == "" {
					walk(at, holder, f.Type)
					continue
				}
				if name == "" && f.Type.Kind() == reflect.Int { // spelled by MarshalJSON of its holder
					continue
				}
				walk(at+"."+name, name, f.Type)
				if ty.Name() == "Stats" && slices.Contains(spread, name) && unit.MatchString(holder) {
					continue
				}
				elem := f.Type
				for elem.Kind() == reflect.Pointer || elem.Kind() == reflect.Map {
					elem = elem.Elem()
				}
				if elem.Kind() >= reflect.Int && elem.Kind() <= reflect.Float64 && elem.PkgPath() == "" &&
					!unit.MatchString(name) && !slices.Contains(counts, name) {
					t.Errorf("%s.%s is a number without a unit", at, name)
				}
			}
		}
	}
	for k, payload := range examples() {
		walk(string(k), "", reflect.TypeOf(payload))
	}
	for name, payload := range others() {
		walk(name, "", reflect.TypeOf(payload))
	}
}
