package metrics

// Summary is what is known of one loop of one level.
type Summary struct {
	Level       int            `json:"level"`       // index of the level, from 0
	Loop        int            `json:"loop"`        // from 0
	Concurrency int            `json:"concurrency"` // asked-for requests in flight; 0 in open loop
	Rate        float64        `json:"rate_per_s,omitempty"`
	DurationMs  *float64       `json:"duration_ms"` // first start to last end of the measured requests
	Requests    Requests       `json:"requests"`
	Errors      map[string]int `json:"errors"` // failure class → count; empty, never null
	Tokens      Tokens         `json:"tokens"`
	Throughput  Throughput     `json:"throughput"`
	TTFT        *Stats         `json:"ttft_ms"` // nil when no request has the figure
	TPOT        *Stats         `json:"tpot_ms"`
	ITL         *Stats         `json:"itl_ms"`
	E2E         *Stats         `json:"e2e_ms"`
	Incomplete  string         `json:"incomplete,omitempty"` // why asked ≠ ok + failed; empty when complete
}

// Requests counts the measured requests of one loop: Asked = OK + Failed unless Incomplete says why.
type Requests struct {
	Asked  int `json:"asked"`
	Total  int `json:"total"`
	OK     int `json:"ok"`
	Failed int `json:"failed"`
}

// Tokens sums the tokens of the successful requests.
type Tokens struct {
	Input  *int64 `json:"input"`
	Output *int64 `json:"output"`
	Source string `json:"source"` // usage | counted | unknown
}

// Throughput is per second of Summary.DurationMs.
type Throughput struct {
	Requests *float64 `json:"requests_per_s"`
	Output   *float64 `json:"output_tokens_per_s"`
	Total    *float64 `json:"total_tokens_per_s"`
}

// Stats describes one distribution; the unit is in the name of the field that holds it.
type Stats struct {
	Count  int      `json:"count"`
	Mean   float64  `json:"mean"`
	Stddev *float64 `json:"stddev"` // sample standard deviation, nil below two values
	Min    float64  `json:"min"`
	Max    float64  `json:"max"`
	P50    float64  `json:"p50"`
	P90    float64  `json:"p90"`
	P95    float64  `json:"p95"`
	P99    float64  `json:"p99"`
}
