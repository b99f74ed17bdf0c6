package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"plimsoll.internal/libs/events"
)

// fill replaces what stands between the markers of each part of the page.
func fill(page []byte, parts map[string]string) ([]byte, error) {
	for name, text := range parts {
		begin := []byte("<!-- generated: " + name + " -->\n")
		end := []byte("<!-- end of " + name + " -->")
		at := bytes.Index(page, begin)
		to := bytes.Index(page, end)
		if at < 0 || to < at {
			return nil, fmt.Errorf("%s has no lines %q and %q in this order", pagePath, strings.TrimSpace(string(begin)), end)
		}
		page = slices.Concat(page[:at+len(begin)], []byte(text), page[to:])
	}
	return page, nil
}

// eventTable is one line per kind.
func eventTable() string {
	var b strings.Builder
	b.WriteString("| event | published by | starts work in | says |\n|---|---|---|---|\n")
	for _, e := range events.Catalog {
		name := "`" + string(e.Kind) + "`"
		if slices.Contains(events.PublicKinds, e.Kind) {
			name += " ⇢"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, names(e.Publisher), names(e.Consumers), e.Says)
	}
	return b.String()
}

func names(services []events.Service) string {
	if len(services) == 0 {
		return "–"
	}
	words := make([]string, len(services))
	for i, s := range services {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// part is a stretch of the story in the diagram.
type part struct {
	title string // "" for the main road
	kinds []events.Kind
}

// parts orders the kinds for the diagram; a test checks that none is left out.
var parts = []part{
	{"", []events.Kind{
		events.KindRequested, events.KindPreflight, events.KindPlanned, events.KindClaimed,
		events.KindLevelDone, events.KindMeasured, events.KindReported,
	}},
	{"it ends early", []events.Kind{
		events.KindRejected, events.KindFailed, events.KindCancelRequested, events.KindCancelled,
	}},
	{"it is kept, or not", []events.Kind{
		events.KindArchiveRequested, events.KindArchived, events.KindRestoreRequested, events.KindRestored,
		events.KindDeleteRequested, events.KindDeleted,
	}},
}

// tells says who tells other systems of each public kind.
var tells = map[events.Kind]events.Service{
	events.KindReported: events.Reporter, events.KindFailed: events.Reporter, events.KindArchived: events.Archiver,
}

// sequence draws who publishes what for whom. Solid arrows start work; dotted ones are only shown to people
// by the gateway, which follows every event.
func sequence() string {
	byKind := map[events.Kind]events.Entry{}
	for _, e := range events.Catalog {
		byKind[e.Kind] = e
	}
	var b strings.Builder
	b.WriteString("```mermaid\nsequenceDiagram\n")
	for _, s := range []events.Service{events.Gateway, events.Prober, events.Runner, events.Reporter, events.Archiver, events.Others} {
		fmt.Fprintf(&b, "  participant %s\n", s)
	}
	for _, p := range parts {
		indent := "  "
		if p.title != "" {
			fmt.Fprintf(&b, "  opt %s\n", p.title)
			indent = "    "
		}
		for _, k := range p.kinds {
			for _, line := range arrows(byKind[k]) {
				b.WriteString(indent + line + "\n")
			}
		}
		if p.title != "" {
			b.WriteString("  end\n")
		}
	}
	b.WriteString("```\n")
	return b.String()
}

func arrows(e events.Entry) []string {
	from := e.Publisher[0]
	var out []string
	for _, to := range e.Consumers {
		out = append(out, fmt.Sprintf("%s->>%s: %s", from, to, e.Kind))
	}
	if len(out) == 0 {
		out = append(out, fmt.Sprintf("%s-->>%s: %s", from, events.Gateway, e.Kind))
	}
	if by, ok := tells[e.Kind]; ok {
		out = append(out, fmt.Sprintf("%s-->>%s: %s, on PUB", by, events.Others, e.Kind))
	}
	return out
}
