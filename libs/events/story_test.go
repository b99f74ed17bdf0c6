package events

import (
	"encoding/json"
	"testing"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/spec"
)

const testID = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"

func ptr[T any](v T) *T { return &v }

// examples holds one payload of every kind, with every field filled in. They tell one test; the golden
// files are made of them.
func examples() map[Kind]any {
	who := Actor{UserID: "0193a1b2-0000-7000-8000-000000000001", Name: "ada"}
	raw := Object{Bucket: BucketRaw, Name: testID + "/l0-r0.parquet", Size: 52480, Digest: "sha256:00ff", ContentType: "application/vnd.apache.parquet"}
	book := Artifact{Name: "result_m_20261123_101500.xlsx", Kind: "workbook", Object: Object{
		Bucket: BucketReports, Name: testID + "/result.xlsx", Size: 81920, Digest: "sha256:11aa",
		ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	}}
	fault := failure.Failure{Class: failure.Auth, Message: "the target answered 401", Advice: failure.Auth.Info().Advice}
	stats := metrics.Stats{Count: 9, Mean: 51.5, Stddev: ptr(0.5), Min: 50, Max: 53, P50: 51, P90: 52, P95: 52.5, P99: 53}
	done := LevelDone{
		Attempt: 1, Raw: raw, Native: map[string]*float64{"ttft_ms_mean": ptr(54.1), "itl_ms_p99": nil},
		Load: Load{Runner: "runner/host-1", StartedMs: 1795428900000, DurationMs: 2500.5},
		Summary: metrics.Summary{
			Level: 1, Loop: 1, Concurrency: 8, Rate: 12.5, DurationMs: ptr(1600.5),
			Requests: metrics.Requests{Asked: 10, Total: 10, OK: 9, Failed: 1}, Errors: map[string]int{"server_error": 1},
			Tokens:     metrics.Tokens{Input: ptr(int64(1152)), Output: ptr(int64(144)), Source: "usage"},
			Throughput: metrics.Throughput{Requests: ptr(5.6), Output: ptr(90.0), Total: ptr(810.0)},
			TTFT:       &stats, TPOT: &stats, ITL: &stats, E2E: &stats, Incomplete: "10 requests were asked for, 9 were recorded",
		},
	}
	plan := spec.Plan{Loops: 2, Levels: []spec.Level{{
		Index: 1, Concurrency: 8, Rate: 12.5, Requests: 10, Duration: spec.Duration(time.Minute), Warmup: 8,
	}}}
	return map[Kind]any{
		KindRequested: Requested{Spec: fullSpec(), By: who},
		KindPreflight: Preflight{Checks: []Check{{
			Name: "auth", Status: CheckFailed, Detail: "401 Unauthorized", DurationMs: 3.25, Class: failure.Auth, Advice: &fault.Advice,
		}}},
		KindPlanned: Planned{
			Spec: fullSpec(), Plan: plan, Reason: "1 level of 10 requests, 2 loops", Warnings: []string{"answers are not streamed"},
			Prompt: Prompt{Seed: 42, TokensPerWord: 1.25, Overhead: 9, Measured: 128, Source: "usage", Unforced: true},
		},
		KindRejected:  Rejected{fault},
		KindClaimed:   Claimed{Holder: "runner/host-1", Attempt: 1},
		KindLevelDone: done,
		KindMeasured: Measured{
			Attempt: 1, Loops: 1,
			Generator: Generator{Name: "evalscope", Version: "1.14.1", Faults: []KnownFault{{
				Metric: "ttft_ms", Severity: "warn", Text: failure.Text{EN: "includes the wait for a connection", ZH: "包含等待连接的时间"},
			}}},
			Host: Environment{Hostname: "host-1", OS: "linux", Arch: "amd64", CPUs: 2, Memory: 8 << 30, LoadAvg: 0.5, Version: "1.0.0"},
		},
		KindReported:         Reported{Verdict: VerdictNone, Reason: failure.Text{EN: "no service level was asked", ZH: "未设定服务目标"}, Artifacts: []Artifact{book}},
		KindArchiveRequested: ArchiveRequested{By: who},
		KindRestoreRequested: RestoreRequested{By: who},
		KindDeleteRequested:  DeleteRequested{By: who, Purge: true},
		KindArchived:         Archived{Path: "vllm/m/20261123_101500", Artifacts: []Artifact{book}},
		KindRestored:         Restored{From: "archive", Artifacts: []Artifact{book}},
		KindDeleted:          Deleted{Purged: true},
		KindCancelRequested:  CancelRequested{By: who},
		KindCancelled:        Cancelled{Proof: "process group 4711 gone after 0.8 s"},
		KindFailed:           Failed{Stage: "runner", Failure: fault},
	}
}

// others holds the messages that are not lifecycle events.
func others() map[string]any {
	user := User{ID: "0193a1b2-0000-7000-8000-000000000001", Name: "ada", Role: "admin"}
	at := time.Date(2026, 11, 23, 10, 15, 0, 0, time.UTC)
	book := examples()[KindReported].(Reported).Artifacts
	who := Actor{UserID: user.ID, Name: user.Name}
	return map[string]any{
		"tick":    Tick{TestID: testID, Phase: "measure", Check: "auth", Level: 1, Loop: 1, Done: 5, Total: 10, Percent: 62.5, ElapsedMs: 1500},
		"desired": Desired{State: "cancelled", By: who},
		"public": Public{
			TestID: testID, Kind: KindReported, Name: "nightly", Model: "m", Engine: "vllm", Verdict: VerdictNone,
			Artifacts: book, ArchivePath: "vllm/m/20261123_101500", Class: failure.Auth, Message: "the target answered 401",
		},
		"audit":            AuditEntry{ID: testID, Action: "test.create", Actor: who, Object: testID, Result: "ok", RequestID: "r1", RemoteIP: "127.0.0.1"},
		"key_set":          KeySet{Keys: []Key{{ID: "k1", Public: []byte{1, 2, 3}}}},
		"register_request": RegisterRequest{Name: "ada", Password: "correct horse", BootstrapToken: "t", By: who},
		"login_request":    LoginRequest{Name: "ada", Password: "correct horse", RemoteIP: "127.0.0.1"},
		"refresh_request":  RefreshRequest{RefreshToken: "r"},
		"session":          Session{User: user, AccessToken: "a", AccessExpires: at, RefreshToken: "r", RefreshExpires: at},
		"auth_error":       AuthError{Code: "throttled", Message: "too many attempts", RetryAfterS: 30},
		"claims":           Claims{Name: "ada", Role: "admin"},
	}
}

func fullSpec() spec.Spec {
	s := spec.Spec{
		Name: "nightly", Model: "m", Engine: "vllm", Host: "host_1",
		Target: spec.Target{
			URL: "http://127.0.0.1:8000/v1", API: spec.APIChat, Credential: "cred_mine", TLSVerify: ptr(true),
			Headers: map[string]string{"X-Route": "blue"},
		},
		InputLength: spec.Length{Min: 64, Max: 128}, OutputLength: spec.Length{Min: 16, Max: 16},
		Concurrency: spec.Concurrency{Levels: []int{1, 8}}, Rate: 12.5, Loop: 2, Requests: 10,
		Duration: spec.Duration(time.Minute), Warmup: spec.Warmup{On: true, Requests: 8},
		Prompts: spec.Prompts{Source: "text", Text: "hello", Seed: ptr(int64(42)), SharedPrefix: 0.25},
		SLO:     []string{"p99(ttft) < 500ms"}, ShareTarget: true,
	}
	return s.WithDefaults()
}

// story makes stored events of one test out of kinds, numbered from 1, with the example payloads; a step
// replaces the payload of its kind.
type step struct {
	kind    Kind
	payload any // nil for the example
}

func story(t *testing.T, steps ...step) []Event {
	t.Helper()
	example := examples()
	var out []Event
	for i, s := range steps {
		payload := s.payload
		if payload == nil {
			payload = example[s.kind]
		}
		e, err := New(testID, s.kind, "", "test", payload)
		if err != nil {
			t.Fatal(err)
		}
		e.Seq = uint64(i + 1)
		out = append(out, e)
	}
	return out
}

func indented(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}
