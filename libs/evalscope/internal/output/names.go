package output

// figure says how one of evalscope's names maps to ours.
type figure struct {
	name   string  // ours, with its unit
	factor float64 // theirs × factor = ours
}

// summaryNames maps every name a benchmark_summary.json has used since 0.10. Where evalscope renamed a
// figure, all its names lead to the same one of ours; seconds become milliseconds where ours is in them.
var summaryNames = map[string]figure{
	"Test Duration (s)":        {"duration_s", 1},
	"Time taken for tests (s)": {"duration_s", 1},
	"Concurrency":              {"concurrency", 1},
	"Number of concurrency":    {"concurrency", 1},
	"Request Rate (req/s)":     {"rate_per_s", 1},
	"Request rate (req/s)":     {"rate_per_s", 1},

	"Total Requests":      {"requests_total", 1},
	"Total requests":      {"requests_total", 1},
	"Success Requests":    {"requests_ok", 1},
	"Succeed requests":    {"requests_ok", 1},
	"Failed Requests":     {"requests_failed", 1},
	"Failed requests":     {"requests_failed", 1},
	"Stream Requests":     {"requests_streamed", 1},
	"Non-Stream Requests": {"requests_not_streamed", 1},

	"Expected number of requests": {"requests_asked", 1},

	"Req Throughput (req/s)":            {"requests_per_s", 1},
	"Request throughput (req/s)":        {"requests_per_s", 1},
	"Average QPS":                       {"requests_per_s", 1},
	"Output Throughput (tok/s)":         {"output_tokens_per_s", 1},
	"Output token throughput (tok/s)":   {"output_tokens_per_s", 1},
	"Throughput(average tokens/s)":      {"output_tokens_per_s", 1},
	"Total Throughput (tok/s)":          {"total_tokens_per_s", 1},
	"Total token throughput (tok/s)":    {"total_tokens_per_s", 1},
	"Input Throughput (tok/s)":          {"input_tokens_per_s", 1},
	"Input token throughput (tok/s)":    {"input_tokens_per_s", 1},
	"Average package latency (s)":       {"chunk_latency_ms_mean", 1000},
	"Average package per request":       {"chunks_mean", 1},
	"Avg Latency (s)":                   {"e2e_ms_mean", 1000},
	"Average latency (s)":               {"e2e_ms_mean", 1000},
	"Avg TTFT (ms)":                     {"ttft_ms_mean", 1},
	"TTFT (ms)":                         {"ttft_ms_mean", 1},
	"Average time to first token (s)":   {"ttft_ms_mean", 1000},
	"Avg TPOT (ms)":                     {"tpot_ms_mean", 1},
	"TPOT (ms)":                         {"tpot_ms_mean", 1},
	"Average time per output token (s)": {"tpot_ms_mean", 1000},
	"Avg ITL (ms)":                      {"itl_ms_mean", 1},
	"ITL (ms)":                          {"itl_ms_mean", 1},
	"Average inter-token latency (s)":   {"itl_ms_mean", 1000},
	"Avg Steady ITL (ms)":               {"steady_itl_ms_mean", 1},
	"Avg PD Handoff Latency (ms)":       {"pd_handoff_latency_ms_mean", 1},
	"Avg PD Handoff Overhead (ms)":      {"pd_handoff_overhead_ms_mean", 1},

	"Avg Input Tokens":                  {"input_tokens_mean", 1},
	"Average input tokens per request":  {"input_tokens_mean", 1},
	"Avg Output Tokens":                 {"output_tokens_mean", 1},
	"Average output tokens per request": {"output_tokens_mean", 1},

	"Avg Turns/Request":                           {"turns_mean", 1},
	"Average input turns per request":             {"turns_mean", 1},
	"KV Cache Hit Rate (%)":                       {"kv_cache_hit_percent", 1},
	"Average approx KV cache hit rate (%)":        {"kv_cache_hit_percent", 1},
	"Avg First-Turn TTFT (ms)":                    {"first_turn_ttft_ms_mean", 1},
	"First-Turn TTFT (ms)":                        {"first_turn_ttft_ms_mean", 1},
	"Avg Subsequent-Turn TTFT (ms)":               {"subsequent_turn_ttft_ms_mean", 1},
	"Subsequent-Turn TTFT (ms)":                   {"subsequent_turn_ttft_ms_mean", 1},
	"Avg Decoded Tok/Iter":                        {"decoded_tokens_per_step_mean", 1},
	"Decoded Tok/Iter":                            {"decoded_tokens_per_step_mean", 1},
	"Average decoded tokens per iter (tok/iter)":  {"decoded_tokens_per_step_mean", 1},
	"Spec. Accept Rate":                           {"speculative_accept_share", 1},
	"Approx speculative decoding acceptance rate": {"speculative_accept_share", 1},
}

// percentileNames maps every column a benchmark_percentile.json has used. The throughput columns are per
// request, so they have names of their own.
var percentileNames = map[string]figure{
	"Latency (s)": {"e2e_ms", 1000},
	"TTFT (ms)":   {"ttft_ms", 1},
	"TTFT (s)":    {"ttft_ms", 1000},
	"ITL (ms)":    {"itl_ms", 1},
	"ITL (s)":     {"itl_ms", 1000},
	"TPOT (ms)":   {"tpot_ms", 1},
	"TPOT (s)":    {"tpot_ms", 1000},

	"Input tokens":  {"input_tokens", 1},
	"Output tokens": {"output_tokens", 1},

	"Output (tok/s)":           {"request_output_tokens_per_s", 1},
	"Output throughput(tok/s)": {"request_output_tokens_per_s", 1},
	"Throughput(tokens/s)":     {"request_output_tokens_per_s", 1},
	"Total (tok/s)":            {"request_total_tokens_per_s", 1},
	"Total throughput(tok/s)":  {"request_total_tokens_per_s", 1},
	"Input (tok/s)":            {"request_input_tokens_per_s", 1},
	"Decode (tok/s)":           {"request_decode_tokens_per_s", 1},
}
