package events

// Service names one of the six services, or "others" for systems outside.
type Service string

// The services.
const (
	Gateway  Service = "gateway"
	Auth     Service = "auth"
	Prober   Service = "prober"
	Runner   Service = "runner"
	Reporter Service = "reporter"
	Archiver Service = "archiver"
	Others   Service = "others"
)

// Entry is one line of the Catalog.
type Entry struct {
	Kind      Kind
	Subject   string // with * for the test id
	Stream    string
	Publisher []Service
	Consumers []Service // those that start work because of it; the gateway projects every lifecycle event
	Payload   any       // zero value of the payload type
	Says      string    // one sentence
}

// Catalog lists every event: streams, consumers, docs and the public contract are made from it.
var Catalog = []Entry{
	entry(KindRequested, "A person asks for a test.", Requested{}, []Service{Gateway}, Prober),
	entry(KindPreflight, "The target was checked, each check with its result.", Preflight{}, []Service{Prober}),
	entry(KindPlanned, "The plan is made: levels, loops, calibrated prompt.", Planned{}, []Service{Prober}, Runner),
	entry(KindRejected, "The test cannot run, with reason and advice.", Rejected{}, []Service{Prober}, Reporter),
	entry(KindClaimed, "Somebody holds the test; the sequence is the fence of this attempt.", Claimed{}, []Service{Runner, Gateway}),
	entry(KindLevelDone, "One loop of one level is measured and its raw data stored.", LevelDone{}, []Service{Runner}),
	entry(KindMeasured, "All load is done.", Measured{}, []Service{Runner}, Reporter),
	entry(KindReported, "Workbook and report are written; the test has succeeded.", Reported{}, []Service{Reporter}, Archiver),
	entry(KindArchiveRequested, "A person asks to archive.", ArchiveRequested{}, []Service{Gateway}, Archiver),
	entry(KindRestoreRequested, "A person asks to restore from archive or trash.", RestoreRequested{}, []Service{Gateway}, Archiver),
	entry(KindDeleteRequested, "A person asks to delete, to the trash or for good.", DeleteRequested{}, []Service{Gateway}, Archiver),
	entry(KindArchived, "The report is in the archive.", Archived{}, []Service{Archiver}),
	entry(KindRestored, "The report is back.", Restored{}, []Service{Archiver}),
	entry(KindDeleted, "It is in the trash, or purged.", Deleted{}, []Service{Archiver}),
	entry(KindCancelRequested, "A person asks to stop.", CancelRequested{}, []Service{Gateway}),
	entry(KindCancelled, "Nothing of the test runs any more.", Cancelled{}, []Service{Runner, Gateway, Prober}),
	entry(KindFailed, "A stage could not do its part.", Failed{}, []Service{Prober, Runner, Reporter, Archiver}, Reporter),
}

func entry(k Kind, says string, payload any, from []Service, to ...Service) Entry {
	return Entry{
		Kind: k, Subject: SubjectOfKind(k), Stream: StreamEvents,
		Publisher: from, Consumers: to, Payload: payload, Says: says,
	}
}

// PublicKinds are the events other systems are told about, on SubjectPublic.
var PublicKinds = []Kind{KindReported, KindArchived, KindFailed}

// The streams.
const (
	StreamEvents  = "EVENTS"  // truth: lifecycle of every test, claims, heartbeats
	StreamControl = "CONTROL" // wished-for state, one message per subject
	StreamLive    = "LIVE"    // progress, in memory
	StreamPublic  = "PUB"     // contract for other systems
	StreamAudit   = "AUDIT"   // who did what; never deleted
)

// Streams maps each stream to the subjects it stores.
var Streams = map[string][]string{
	StreamEvents:  {"plimsoll.evt.>", "plimsoll.hb.>"},
	StreamControl: {"plimsoll.ctl.>"},
	StreamLive:    {"plimsoll.live.>"},
	StreamPublic:  {"plimsoll.pub.v1.>"},
	StreamAudit:   {"plimsoll.audit.>"},
}

// The object buckets.
const (
	BucketRaw     = "raw"     // one Parquet file per level and loop, written once
	BucketReports = "reports" // workbooks and reports
	BucketArchive = "archive" // archived copies, engine/model/timestamp/…
)

// Buckets lists every object bucket.
var Buckets = []string{BucketRaw, BucketReports, BucketArchive}

// Durable is the pull consumer of one service on EVENTS.
type Durable struct {
	Name    string
	Service Service
	Kinds   []Kind
}

// Durables follow from the Catalog: one per service that starts work because of an event.
func Durables() []Durable {
	var out []Durable
	for _, s := range []Service{Prober, Runner, Reporter, Archiver} {
		d := Durable{Name: string(s), Service: s}
		for _, e := range Catalog {
			for _, c := range e.Consumers {
				if c == s {
					d.Kinds = append(d.Kinds, e.Kind)
				}
			}
		}
		out = append(out, d)
	}
	return out
}
