// Package metrics defines what a figure means: TTFT, ITL, TPOT, end-to-end latency, throughput and
// percentiles, each with one formula. It knows nothing about how load is made or shown.
package metrics

// Sample is the record of one request. Times are nanoseconds; a nil pointer means "not known", never zero.
type Sample struct {
	Index     int     `json:"index" parquet:"index"`                        // from 0, in the order of start
	StartNs   int64   `json:"start_ns" parquet:"start_ns"`                  // request sent, since the start of this level and loop
	TTFTNs    *int64  `json:"ttft_ns,omitempty" parquet:"ttft_ns,optional"` // first output − request sent
	TPOTNs    *int64  `json:"tpot_ns,omitempty" parquet:"tpot_ns,optional"` // (E2E − TTFT) / (output tokens − 1)
	E2ENs     *int64  `json:"e2e_ns,omitempty" parquet:"e2e_ns,optional"`   // last byte − request sent
	ITLNs     []int64 `json:"itl_ns,omitempty" parquet:"itl_ns,list"`       // gaps between successive outputs
	InputTok  *int64  `json:"input_tokens,omitempty" parquet:"input_tokens,optional"`
	OutputTok *int64  `json:"output_tokens,omitempty" parquet:"output_tokens,optional"`
	Streamed  bool    `json:"streamed" parquet:"streamed"`
	OK        bool    `json:"ok" parquet:"ok"`
	Class     string  `json:"class,omitempty" parquet:"class"`   // failure class, empty when OK
	Error     string  `json:"error,omitempty" parquet:"error"`   // redacted message, empty when OK or unknown
	Status    int     `json:"status,omitempty" parquet:"status"` // HTTP status, 0 when unknown
	RequestID string  `json:"request_id,omitempty" parquet:"request_id"`
}
