package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// TestOneTest tells the story of one test: asked for, carried by six services as events, reported,
// downloaded, archived, restored, deleted.
func TestOneTest(t *testing.T) {
	t.Parallel()
	p := startInProcess(t, t.TempDir())
	u := register(t, p.info.URL, p.info.BootstrapToken)
	story(t, u)
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// storyKinds is the whole life of the story's test in stream order.
var storyKinds = []string{
	"requested", "preflight", "planned", "claimed",
	"level_done", "level_done", "level_done", "level_done",
	"measured", "reported",
	"archive_requested", "archived",
	"restore_requested", "restored",
	"delete_requested", "deleted",
}

// story is what both kinds of platform must be able to tell. It ends with the test in the trash.
func story(t *testing.T, u *user) {
	t.Helper()
	asked := u.run(demoSpec())
	live := u.follow(asked.ID, "", 0)
	checkLive(t, live)

	done := u.get(asked.ID)
	if done.State != "succeeded" {
		t.Fatalf("state %s, want succeeded: %+v", done.State, done.Failure)
	}
	checkLevels(t, done.Levels)
	if done.GeneratorInfo == nil || len(done.GeneratorInfo.Faults) == 0 {
		t.Errorf("generator and its known faults are not told: %+v", done.GeneratorInfo)
	}
	before := checkWorkbook(t, u, done)
	checkReport(t, u, done.ID)

	archived := u.archive(done.ID)
	if !regexp.MustCompile(`^llmsim/sim-llm/\d{8}_\d{6}(_\d+)?$`).MatchString(*archived.ArchivePath) {
		t.Errorf("archive path %q is not engine/model/timestamp", *archived.ArchivePath)
	}
	if got := u.do(http.MethodGet, "/api/v1/tests/"+done.ID+"/report.xlsx", nil); !bytes.Equal(got.body, before) {
		t.Errorf("workbook differs after archiving: %s", got.header)
	}
	u.want(http.MethodPost, "/api/v1/tests/"+done.ID+"/restore", http.StatusAccepted, nil, nil)
	u.await(done.ID, 10*time.Second, "restored", func(x test) bool { return !x.Archived })
	if got := u.do(http.MethodGet, "/api/v1/tests/"+done.ID+"/report.xlsx", nil); !bytes.Equal(got.body, before) {
		t.Errorf("workbook differs after restoring: %s", got.header)
	}
	u.want(http.MethodDelete, "/api/v1/tests/"+done.ID, http.StatusNoContent, nil, nil)
	if !u.get(done.ID).Trashed {
		t.Error("deleted test is not in the trash")
	}
	if diff := cmp.Diff(storyKinds, u.kinds(done.ID)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	resume(t, u, done.ID, live)
}

// checkLive looks at what a browser saw while the test ran.
func checkLive(t *testing.T, live []sse) {
	t.Helper()
	if len(live) < 4 || live[0].name != "snapshot" || live[len(live)-1].name != "end" {
		t.Fatalf("live events must open with snapshot and close with end: %+v", names(live))
	}
	if !slices.ContainsFunc(live, func(e sse) bool { return e.name == "progress" }) {
		t.Errorf("no progress was shown: %v", names(live))
	}
}

// resume reads the rest after the third stored event and compares it with what was seen live.
func resume(t *testing.T, u *user, id string, live []sse) {
	t.Helper()
	var stored []sse
	for _, e := range live {
		if e.name == "event" {
			stored = append(stored, e)
		}
	}
	if len(stored) < 5 {
		t.Fatalf("only %d stored events were shown live", len(stored))
	}
	want := stored[3:]
	again := u.follow(id, stored[2].id, len(want))
	if diff := cmp.Diff(ids(want), ids(again)); diff != "" {
		t.Errorf("resumed events (-want +got):\n%s", diff)
	}
}

func names(events []sse) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.name)
	}
	return out
}

func ids(events []sse) []string {
	var out []string
	for _, e := range events {
		if e.name == "event" {
			out = append(out, e.id)
		}
	}
	return out
}

// checkLevels looks at 2 levels × 2 loops of 8 requests each.
func checkLevels(t *testing.T, levels []level) {
	t.Helper()
	if len(levels) != 4 {
		t.Fatalf("%d level results, want 4", len(levels))
	}
	for _, l := range levels {
		if l.Requests.Asked != 8 || l.Requests.OK != 8 || l.Requests.Failed != 0 {
			t.Errorf("level %d loop %d: %+v, want 8 of 8 ok", l.Level, l.Loop, l.Requests)
		}
		if l.TTFT == nil || l.TTFT.Mean <= 0 || l.Throughput.Output == nil || *l.Throughput.Output <= 0 {
			t.Errorf("level %d loop %d has no TTFT or throughput: %+v", l.Level, l.Loop, l)
		}
	}
}

// checkWorkbook downloads the workbook, checks digest, name and that every request of every loop is in it.
func checkWorkbook(t *testing.T, u *user, done test) []byte {
	t.Helper()
	i := slices.IndexFunc(done.Artifacts, func(a artifact) bool { return a.Kind == "workbook" })
	if i < 0 {
		t.Fatalf("no workbook among %+v", done.Artifacts)
	}
	a := done.Artifacts[i]
	if !regexp.MustCompile(`^result_sim-llm_\d{8}_\d{6}\.xlsx$`).MatchString(a.Name) {
		t.Errorf("workbook is called %q", a.Name)
	}
	got := u.do(http.MethodGet, "/api/v1/tests/"+done.ID+"/report.xlsx", nil)
	sum := sha256.Sum256(got.body)
	if got.status != http.StatusOK || "sha256:"+hex.EncodeToString(sum[:]) != a.Digest || int64(len(got.body)) != a.Size {
		t.Fatalf("workbook: status %d, %d bytes, digest %x; want %d bytes %s", got.status, len(got.body), sum, a.Size, a.Digest)
	}
	book, err := excelize.OpenReader(bytes.NewReader(got.body))
	if err != nil {
		t.Fatalf("open workbook: %v", err)
	}
	defer book.Close()
	rows, err := book.GetRows("Requests")
	if err != nil || len(rows) != 1+32 {
		t.Errorf("sheet Requests has %d rows (%v), want a header and 32 requests", len(rows), err)
	}
	for _, sheet := range []string{"Summary", "Parameters", "Levels", "Generator", "Errors", "Environment", "Definitions"} {
		if index, err := book.GetSheetIndex(sheet); err != nil || index < 0 {
			t.Errorf("sheet %s is missing", sheet)
		}
	}
	return got.body
}

func checkReport(t *testing.T, u *user, id string) {
	t.Helper()
	var report struct {
		Levels []struct {
			Concurrency int `json:"concurrency"`
			Requests    struct{ Total, OK, Failed int }
			TTFT        *struct{ Mean, P99 float64 } `json:"ttft_ms"`
		}
	}
	a := u.do(http.MethodGet, "/api/v1/tests/"+id+"/report.json", nil)
	if err := json.Unmarshal(a.body, &report); err != nil {
		t.Fatalf("report.json: %v: %s", err, a)
	}
	if len(report.Levels) != 4 {
		t.Errorf("report has %d levels, want 4", len(report.Levels))
	}
}

// archive asks to archive one test and waits until it is there.
func (u *user) archive(id string) test {
	u.t.Helper()
	var bulk struct {
		Results []struct{ Status int }
	}
	u.want(http.MethodPost, "/api/v1/tests/archive", http.StatusOK, map[string]any{"ids": []string{id}}, &bulk)
	if len(bulk.Results) != 1 || bulk.Results[0].Status != http.StatusAccepted {
		u.t.Fatalf("archive answered %+v", bulk)
	}
	return u.await(id, 10*time.Second, "archived", func(x test) bool { return x.Archived })
}
