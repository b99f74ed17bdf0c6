package spec

import (
	"encoding/json"
	"fmt"
)

// Parse reads a JSON document strictly and fills in the defaults. Everything wrong with it is reported at
// once as *Faults: unknown and duplicate fields, wrong types, broken rules, and what this version cannot
// run yet.
func Parse(document []byte) (Spec, error) {
	tree, faults := readTree(document)
	if tree == nil && len(faults) > 0 {
		return Spec{}, &Faults{List: faults}
	}
	var s Spec
	r := &reader{faults: faults, seen: map[string]bool{}}
	r.fields(&s)("", tree)
	if _, isObject := tree.(object); isObject {
		s = s.WithDefaults()
		r.rules(s)
	}
	if len(r.faults) > 0 {
		return Spec{}, &Faults{List: r.faults}
	}
	return s, nil
}

// Validate holds a spec made in code against the same rules as Parse; the error is *Faults.
func (s Spec) Validate() error {
	document, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode the spec: %w", err)
	}
	_, err = Parse(document)
	return err
}
