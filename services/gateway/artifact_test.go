package gateway_test

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/url"
	"strconv"
	"testing"

	"plimsoll.internal/libs/events"
)

func TestDownload(t *testing.T) {
	onBoth(t, func(t *testing.T, r *rig) {
		id := r.finish()
		content := "PK workbook of " + id
		for _, path := range []string{"/report.xlsx", "/artifacts/" + url.PathEscape(workbookName)} {
			a := r.want(200, nil, "GET", "/api/v1/tests/"+id+path, nil)
			sum := sha256.Sum256([]byte(content))
			_, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
			if string(a.body) != content || err != nil || params["filename"] != workbookName ||
				a.header.Get("Digest") != "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]) ||
				a.header.Get("Content-Length") != strconv.Itoa(len(content)) {
				t.Errorf("%s: %v (%v) %q", path, a.header, err, a.body)
			}
		}
		a := r.want(200, nil, "GET", "/api/v1/tests/"+id+"/report.json", nil)
		if a.header.Get("Content-Type") != "application/json" || string(a.body) != `{"schema":"report.v1"}` {
			t.Errorf("report: %v %s", a.header, a.body)
		}
		if got := r.audited("test.download", id+"/"+workbookName); got.Result != "ok" || got.Actor.Name != "admin" {
			t.Errorf("audit says %+v", got)
		}
	})
}

func TestDownloadOfWhatIsNotThere(t *testing.T) {
	r := start(t, gatewayConfig())
	queued := r.ask().ID
	r.refused(404, "artifact_missing", "GET", "/api/v1/tests/"+queued+"/report.xlsx", nil)
	r.refused(404, "test_not_found", "GET", "/api/v1/tests/"+unknownID+"/report.xlsx", nil)
	r.refused(404, "artifact_missing", "GET", "/api/v1/tests/"+queued+"/artifacts/..%2f..%2fetc%2fpasswd", nil)

	id := r.ask().ID
	r.plan(id)
	r.claim(id)
	r.measure(id, 1)
	gone := r.put(id, "report.json", "report", "application/json", []byte("{}"))
	other := r.put(id, "other", "workbook", "", []byte("these bytes"))
	other.Object.Digest = "sha256:" + "00000000000000000000000000000000000000000000000000000000000000ff"
	r.publish(id, events.KindReported, "", events.Reported{Artifacts: []events.Artifact{gone, other}})
	if err := r.others.Bucket(events.BucketReports).Delete(t.Context(), gone.Object.Name); err != nil {
		t.Fatal(err)
	}
	r.refused(404, "artifact_missing", "GET", "/api/v1/tests/"+id+"/report.json", nil)
	p := r.refused(502, "object_damaged", "GET", "/api/v1/tests/"+id+"/report.xlsx", nil, "Accept-Language", "zh")
	if p.Title != "文件已损坏" {
		t.Errorf("title %q", p.Title)
	}
}
