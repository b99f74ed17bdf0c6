package main

// rule says what one package, or with /... a whole tree, may import. The longest rule that fits a package
// counts. Everything below a rule's own package may import each other.
type rule struct {
	pkg     string
	may     []string // packages of ours
	outside []string // modules besides the standard library; "*" is any
}

// only reserves an import for a few packages.
type only struct {
	imported string
	by       []string
	why      string
}

// anything outside.
var anything = []string{"*"}

// table is who may import whom. Lower lines may use higher ones, never the other way round; services share
// events, buckets and libs, never each other.
var table = []rule{
	{pkg: "libs/failure"},
	{pkg: "libs/filename"},
	{pkg: "libs/folderlock"},
	{pkg: "libs/llmsim"},
	{pkg: "libs/openfiles"},
	{pkg: "libs/metrics", may: []string{"libs/failure"}},
	{pkg: "libs/spec", may: []string{"libs/failure"}},
	{pkg: "libs/spec/yamlspec", may: []string{"libs/failure", "libs/spec"}, outside: []string{"go.yaml.in/yaml/v3"}},
	{pkg: "libs/events", may: []string{"libs/failure", "libs/metrics", "libs/spec"}},
	{pkg: "libs/prompt", may: []string{"libs/events", "libs/spec"}},
	{pkg: "libs/samples", may: []string{"libs/metrics"}, outside: []string{"github.com/parquet-go/parquet-go"}},
	{pkg: "libs/llm", may: []string{"libs/failure", "libs/metrics", "libs/spec"}},
	{pkg: "libs/evalscope/...", may: []string{"libs/events", "libs/failure", "libs/metrics", "libs/prompt", "libs/spec"}, outside: anything},
	{pkg: "libs/api", outside: anything},
	{pkg: "libs/secret", may: []string{"libs/failure"}},
	{pkg: "libs/telemetry", outside: anything},
	{pkg: "libs/db", outside: anything},
	{pkg: "libs/db/dbtest", may: []string{"libs/db"}, outside: anything},
	{pkg: "libs/natsd", may: []string{"libs/folderlock"}, outside: anything},
	{pkg: "libs/bus", may: []string{"libs/events"}, outside: anything},
	{pkg: "libs/bus/bustest", may: []string{"libs/bus", "libs/events", "libs/natsd"}, outside: anything},
	{pkg: "libs/service", may: []string{"libs/bus", "libs/events", "libs/secret", "libs/telemetry"}, outside: anything},
	{pkg: "services/archiver/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "services/auth/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "services/gateway/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "services/gateway/cmd/gateway", may: []string{"services/gateway", "libs/service", "frontend"}},
	{pkg: "services/prober/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "services/reporter/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "services/runner/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "frontend"},
	{pkg: "cmd/...", may: []string{
		"frontend", "libs/...", "services/archiver", "services/auth", "services/gateway", "services/prober",
		"services/reporter", "services/runner",
	}, outside: anything},
	{pkg: "e2e/...", may: []string{"cmd/...", "libs/..."}, outside: anything},
	{pkg: "tools/...", may: []string{"libs/..."}, outside: anything},
	{pkg: "example.internal/subscriber/...", outside: anything}, // what other systems can do: nothing of ours
}

var reserved = []only{
	{"github.com/nats-io/nats-server/...", []string{"libs/natsd"}, "everybody else talks to a broker as a client"},
	{"libs/natsd", []string{"libs/bus/bustest", "cmd/..."}, "services do not care where the broker is"},
	{"libs/llm", []string{"services/prober/...", "services/runner/...", "cmd/..."}, "only they talk to targets"},
	{"libs/evalscope/...", []string{"libs/evalscope/...", "services/prober/...", "services/runner/...", "services/gateway/...", "cmd/..."}, "only they know the generator"},
	{"frontend", []string{"cmd/...", "services/gateway/cmd/gateway"}, "the gateway takes files, not the UI"},
}
