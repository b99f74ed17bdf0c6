package events

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogIsWhole(t *testing.T) {
	subjects := map[string]bool{}
	for _, e := range Catalog {
		if subjects[e.Subject] {
			t.Errorf("%s is listed twice", e.Subject)
		}
		subjects[e.Subject] = true
		if _, ok := appliers[e.Kind]; !ok {
			t.Errorf("%s changes no state: the fold does not know it", e.Kind)
		}
		if len(e.Publisher) == 0 || !strings.HasSuffix(e.Says, ".") || e.Payload == nil {
			t.Errorf("%s lacks a publisher, a sentence or a payload: %+v", e.Kind, e)
		}
		if got := reflect.TypeOf(e.Payload); got != reflect.TypeOf(examples()[e.Kind]) {
			t.Errorf("%s carries %v, its example is %T", e.Kind, got, examples()[e.Kind])
		}
		if want := typeName(e.Kind); reflect.TypeOf(e.Payload).Name() != want {
			t.Errorf("the payload of %s is called %T, want %s", e.Kind, e.Payload, want)
		}
		if _, ok := Streams[e.Stream]; !ok {
			t.Errorf("%s goes to stream %s, which does not exist", e.Kind, e.Stream)
		}
	}
	if len(Catalog) != len(appliers) || len(Catalog) != len(examples()) {
		t.Errorf("%d kinds in the Catalog, %d in the fold, %d examples", len(Catalog), len(appliers), len(examples()))
	}
	for _, k := range PublicKinds {
		if !subjects[SubjectOfKind(k)] {
			t.Errorf("%s is public and not in the Catalog", k)
		}
	}
}

// typeName is the Go name of a kind: level_done → LevelDone.
func typeName(k Kind) string {
	var b strings.Builder
	for _, part := range strings.Split(string(k), "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

func TestDurables(t *testing.T) {
	got := map[string][]Kind{}
	for _, d := range Durables() {
		if d.Name != string(d.Service) || len(d.Kinds) == 0 {
			t.Errorf("durable %+v", d)
		}
		got[d.Name] = d.Kinds
	}
	want := map[string][]Kind{
		"prober":   {KindRequested},
		"runner":   {KindPlanned},
		"reporter": {KindRejected, KindMeasured, KindFailed},
		"archiver": {KindReported, KindArchiveRequested, KindRestoreRequested, KindDeleteRequested},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Every subject is stored by exactly one stream, and stream and bucket names are safe as file names.
func TestEverySubjectHasOneStream(t *testing.T) {
	subjects := map[string]string{
		SubjectHeartbeat(testID): StreamEvents, SubjectTarget("abc"): StreamEvents,
		SubjectDesired(testID): StreamControl, SubjectKeys: StreamControl,
		SubjectTick(testID): StreamLive, SubjectPublic(testID, KindReported): StreamPublic,
		SubjectAudit("test.create"): StreamAudit,
	}
	for _, e := range Catalog {
		subjects[Subject(testID, e.Kind)] = e.Stream
	}
	for subject, want := range subjects {
		var in []string
		for stream, filters := range Streams {
			for _, f := range filters {
				if strings.HasPrefix(subject, strings.TrimSuffix(f, ">")) {
					in = append(in, stream)
				}
			}
		}
		if !slices.Equal(in, []string{want}) {
			t.Errorf("%s is stored by %v, want %s", subject, in, want)
		}
	}
	for stream := range Streams {
		if !regexp.MustCompile(`^[A-Z]+$`).MatchString(stream) {
			t.Errorf("stream name %q", stream)
		}
	}
	for _, auth := range []string{SubjectAuthRegister, SubjectAuthLogin, SubjectAuthRefresh, SubjectAuthLogout} {
		for stream, filters := range Streams {
			for _, f := range filters {
				if strings.HasPrefix(auth, strings.TrimSuffix(f, ">")) {
					t.Errorf("%s carries secrets and would be stored by %s", auth, stream)
				}
			}
		}
	}
}

func TestSubjects(t *testing.T) {
	for _, e := range Catalog {
		id, k, err := ParseSubject(Subject(testID, e.Kind))
		if err != nil || id != testID || k != e.Kind {
			t.Errorf("ParseSubject(Subject(%s)) = %s, %s, %v", e.Kind, id, k, err)
		}
	}
	for _, bad := range []string{
		"", "plimsoll.evt.test.", "plimsoll.evt.test." + testID, "plimsoll.evt.test.x.requested",
		"plimsoll.evt.test." + testID + ".a.b", "plimsoll.pub.v1.test." + testID + ".reported",
	} {
		if _, _, err := ParseSubject(bad); err == nil {
			t.Errorf("ParseSubject(%q) is right", bad)
		}
	}
}

func TestCheckID(t *testing.T) {
	for id, ok := range map[string]bool{
		testID: true, "": false, strings.ToUpper(testID): false, testID + "0": false, testID + "\n": false,
		"0193a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5b": false, // version 4
		"0193a1b2-c3d4-7e5f-ca9b-0c1d2e3f4a5b": false, // wrong variant
		"*":                                    false, ">": false,
	} {
		if err := CheckID(id); (err == nil) != ok {
			t.Errorf("CheckID(%q) = %v", id, err)
		}
	}
}

func TestNew(t *testing.T) {
	plain, err := New(testID, KindClaimed, "", "runner/a", Claimed{Attempt: 2})
	if err != nil {
		t.Fatal(err)
	}
	part, err := New(testID, KindClaimed, "2", "runner/a", Claimed{Attempt: 2})
	if err != nil {
		t.Fatal(err)
	}
	if plain.ID != testID+":claimed" || part.ID != testID+":claimed:2" || plain.Type() != "plimsoll.test.claimed.v1" {
		t.Errorf("ids %q and %q, type %q", plain.ID, part.ID, plain.Type())
	}
	if c, err := Decode[Claimed](plain); err != nil || c.Attempt != 2 {
		t.Errorf("Decode = %+v, %v", c, err)
	}
	plain.Data = json.RawMessage(`{"attempt":"two"}`)
	if _, err := Decode[Claimed](plain); err == nil || !strings.Contains(err.Error(), "decode claimed of test "+testID) {
		t.Errorf("Decode of a wrong payload: %v", err)
	}
	if _, err := New("1", KindClaimed, "", "x", Claimed{}); err == nil {
		t.Error("an event of a test with a wrong id was made")
	}
	if _, err := New(testID, KindClaimed, "", "x", make(chan int)); err == nil {
		t.Error("an event that cannot be written was made")
	}
}
