package gateway_test

import (
	"testing"
	"time"
)

// BenchmarkFirstEvent measures from sending the POST to the first event of the live stream.
func BenchmarkFirstEvent(b *testing.B) {
	r := start(b, gatewayConfig())
	var worst time.Duration
	for b.Loop() {
		begin := time.Now()
		f := r.follow(r.ask().ID, "")
		if e, ok := f.next(); !ok || e.name != "snapshot" {
			b.Fatalf("first event is %+v", e)
		}
		worst = max(worst, time.Since(begin))
		_ = f.body.Close()
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
}

// BenchmarkRun measures asking for a test until it can be read.
func BenchmarkRun(b *testing.B) {
	r := start(b, gatewayConfig())
	for b.Loop() {
		r.ask()
	}
}
