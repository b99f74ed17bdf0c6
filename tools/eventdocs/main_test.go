package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"plimsoll.internal/libs/events"
)

const emptyPage = "# Page\n\nby hand\n\n<!-- generated: events -->\nfrom last year\n<!-- end of events -->\nmiddle\n" +
	"<!-- generated: sequence -->\n<!-- end of sequence -->\nend\n"

// folder is a repository with an unwritten page.
func folder(t *testing.T, page string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, pagePath), []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWriteThenCheck(t *testing.T) {
	dir := folder(t, emptyPage)
	stale, err := run(dir, true)
	if err != nil || !reflect.DeepEqual(stale, []string{pagePath, specPath}) {
		t.Fatalf("before: stale %v, %v", stale, err)
	}
	if _, err := os.Stat(filepath.Join(dir, specPath)); !os.IsNotExist(err) {
		t.Error("-check wrote a file")
	}
	for range 2 { // writing again changes nothing
		if _, err := run(dir, false); err != nil {
			t.Fatal(err)
		}
		if stale, err := run(dir, true); err != nil || len(stale) > 0 {
			t.Fatalf("after: stale %v, %v", stale, err)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, pagePath))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Page\n\nby hand", "| `requested` | gateway | prober |", "gateway->>prober: requested", "middle\n", "\nend\n"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(string(page), "last year") {
		t.Error("the old table is still there")
	}
	if err := os.WriteFile(filepath.Join(dir, specPath), []byte("touched"), 0o644); err != nil {
		t.Fatal(err)
	}
	if stale, err := run(dir, true); err != nil || !reflect.DeepEqual(stale, []string{specPath}) {
		t.Errorf("a touched file: stale %v, %v", stale, err)
	}
}

func TestPageWithoutMarkers(t *testing.T) {
	for _, page := range []string{"", "<!-- end of events -->\n<!-- generated: events -->\n"} {
		if _, err := run(folder(t, page), false); err == nil || !strings.Contains(err.Error(), "has no lines") {
			t.Errorf("page %q: %v", page, err)
		}
	}
	if _, err := run(t.TempDir(), false); err == nil {
		t.Error("a missing page is no error")
	}
}

func TestDiagramHasEveryKind(t *testing.T) {
	drawn := map[events.Kind]int{}
	for _, p := range parts {
		for _, k := range p.kinds {
			drawn[k]++
		}
	}
	for _, e := range events.Catalog {
		if drawn[e.Kind] != 1 {
			t.Errorf("%s is drawn %d times", e.Kind, drawn[e.Kind])
		}
	}
	if len(drawn) != len(events.Catalog) {
		t.Errorf("%d kinds drawn, %d in the Catalog", len(drawn), len(events.Catalog))
	}
	for _, k := range events.PublicKinds {
		if tells[k] == "" {
			t.Errorf("nobody tells others of %s", k)
		}
	}
	if len(tells) != len(events.PublicKinds) {
		t.Errorf("%d kinds are told, %d are public", len(tells), len(events.PublicKinds))
	}
}

// document is the generated AsyncAPI document as plain values.
func document(t *testing.T) map[string]any {
	t.Helper()
	b, err := asyncAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(asJSON, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}

// The published schemas accept what is really on the wire: the golden files of libs/events.
func TestSchemasFitTheGoldenFiles(t *testing.T) {
	doc := document(t)
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("mem:///asyncapi.json", doc); err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{"public": "Public", "tick": "Tick", "desired": "Desired", "key_set": "KeySet", "audit": "AuditEntry"}
	for _, e := range events.Catalog {
		golden[string(e.Kind)] = reflect.TypeOf(e.Payload).Name()
	}
	for file, name := range golden {
		t.Run(file, func(t *testing.T) {
			schema, err := compiler.Compile("mem:///asyncapi.json#/components/schemas/" + name)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile("../../libs/events/testdata/" + file + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := json.Unmarshal(b, &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s does not fit schema %s: %v", file, name, err)
			}
			if err := schema.Validate("text"); err == nil {
				t.Errorf("schema %s accepts anything", name)
			}
		})
	}
}

// Every reference in the document leads somewhere, and every message is used.
func TestReferencesLeadSomewhere(t *testing.T) {
	doc := document(t)
	seen := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for key, x := range v {
				if ref, ok := x.(string); ok && key == "$ref" {
					seen[ref] = true
					continue
				}
				walk(x)
			}
		}
	}
	walk(doc)
	for ref := range seen {
		var at any = doc
		for _, key := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			m, ok := at.(map[string]any)
			if !ok || m[key] == nil {
				t.Errorf("%s leads nowhere", ref)
				break
			}
			at = m[key]
		}
	}
	for _, c := range channels() {
		if !seen["#/components/messages/"+c.name] || !seen["#/channels/"+c.name] {
			t.Errorf("channel %s is not used", c.name)
		}
	}
}

func TestSchemaRefusesWhatItCannotSay(t *testing.T) {
	type unnamed struct{ A int }
	type odd struct {
		C chan int `json:"c"`
	}
	for _, v := range []any{unnamed{}, odd{}, func() {}} {
		if _, err := newSchemas().of(reflect.TypeOf(v)); err == nil {
			t.Errorf("%T has a schema", v)
		}
	}
}
