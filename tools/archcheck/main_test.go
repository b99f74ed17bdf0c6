package main

import (
	"slices"
	"strings"
	"testing"
)

// sound is a small workspace without a fault, as go list would tell it.
func sound() []listed {
	var packages []listed
	for _, r := range table {
		packages = append(packages, listed{ImportPath: strings.TrimSuffix(r.pkg, "/...")})
	}
	return packages
}

func TestTableIsSound(t *testing.T) {
	if faults := check(sound(), table, reserved); len(faults) > 0 {
		t.Errorf("faults in a workspace without imports: %q", faults)
	}
}

// Every wall has a planted breach and a way that is open.
func TestPlantedEdges(t *testing.T) {
	tests := []struct {
		name string
		pkg  listed
		want string // part of the fault; "" when the edge is right
	}{
		{"service to service", listed{ImportPath: "services/runner/internal/load", Imports: []string{"~services/prober"}}, "services/runner/internal/load: may not import services/prober"},
		{"service to itself", listed{ImportPath: "services/runner", Imports: []string{"~services/runner/internal/load"}}, ""},
		{"service to libs", listed{ImportPath: "services/runner", Imports: []string{"~libs/bus"}}, ""},
		{"service to service in a test", listed{ImportPath: "services/runner", XTestImports: []string{"~services/prober"}}, "its tests may not import services/prober"},
		{"libs to service", listed{ImportPath: "libs/bus", Imports: []string{"~services/runner"}}, "not in its line"},
		{"pure to bus", listed{ImportPath: "libs/events", Imports: []string{"~libs/bus"}}, "not in its line"},
		{"pure to pure", listed{ImportPath: "libs/events", Imports: []string{"~libs/spec", "encoding/json", "time"}}, ""},
		{"pure to pure, backwards", listed{ImportPath: "libs/spec", Imports: []string{"~libs/events"}}, "not in its line"},
		{"pure to outside", listed{ImportPath: "libs/spec", Imports: []string{"github.com/google/uuid"}}, "standard library only"},
		{"pure with its test tool", listed{ImportPath: "libs/spec", TestImports: []string{"github.com/google/go-cmp/cmp", "testing"}}, ""},
		{"the one module it may", listed{ImportPath: "libs/samples", Imports: []string{"github.com/parquet-go/parquet-go/compress/zstd"}}, ""},
		{"another module", listed{ImportPath: "libs/samples", Imports: []string{"github.com/parquet-go/parquet-gone"}}, "standard library and github.com/parquet-go/parquet-go only"},
		{"broker in a service", listed{ImportPath: "services/runner", Imports: []string{"github.com/nats-io/nats-server/v2/server"}}, "as a client"},
		{"broker where it belongs", listed{ImportPath: "libs/natsd", Imports: []string{"github.com/nats-io/nats-server/v2/server"}}, ""},
		{"client of targets in the reporter", listed{ImportPath: "services/reporter", Imports: []string{"~libs/llm"}}, "only they talk to targets"},
		{"client of targets in the prober", listed{ImportPath: "services/prober/internal/preflight", Imports: []string{"~libs/llm"}}, ""},
		{"testing in production", listed{ImportPath: "libs/db", Imports: []string{"testing"}}, "made for tests"},
		{"httptest in production", listed{ImportPath: "libs/db", Imports: []string{"net/http/httptest"}}, "made for tests"},
		{"bustest in a main", listed{ImportPath: "cmd/plimsoll", Imports: []string{"~libs/bus/bustest"}}, "made for tests"},
		{"bustest in a test", listed{ImportPath: "services/runner", TestImports: []string{"~libs/bus/bustest"}}, ""},
		{"UI in the gateway", listed{ImportPath: "services/gateway/internal/httpapi", Imports: []string{"~frontend"}}, "takes files"},
		{"inside of a service in cmd", listed{ImportPath: "cmd/allinone", Imports: []string{"~services/auth/internal/keys"}}, "not in its line"},
		{"ours in an example", listed{ImportPath: "example.internal/subscriber", Imports: []string{"~libs/events"}}, "not in its line"},
		{"package without a line", listed{ImportPath: "libs/helpers"}, "no line in the table"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults := check(append(sound(), tt.pkg), table, reserved)
			switch {
			case tt.want == "" && len(faults) > 0:
				t.Errorf("faults %q, want none", faults)
			case tt.want != "" && (len(faults) != 1 || !strings.Contains(faults[0], tt.want)):
				t.Errorf("faults %q, want one with %q", faults, tt.want)
			}
		})
	}
}

func TestRuleAboutAMissingPackage(t *testing.T) {
	packages := slices.DeleteFunc(sound(), func(p listed) bool { return p.ImportPath == "libs/natsd" })
	faults := check(packages, table, reserved)
	if !slices.Equal(faults, []string{"the table names libs/natsd, which does not exist"}) {
		t.Errorf("faults %q", faults)
	}
	withNone := append(slices.Clone(table), rule{pkg: "libs/nowhere/..."})
	if faults := check(sound(), withNone, reserved); len(faults) != 1 || !strings.Contains(faults[0], "libs/nowhere") {
		t.Errorf("faults %q", faults)
	}
}

// The real workspace can be listed: the check does not pass because it saw nothing.
func TestListSeesTheWorkspace(t *testing.T) {
	packages, err := list()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(packages, func(p listed) bool { return p.ImportPath == "libs/events" })
	if at < 0 || !slices.Contains(packages[at].Imports, "~libs/spec") {
		t.Errorf("libs/events is not among %d packages with its imports", len(packages))
	}
}
