package metrics

import "plimsoll.internal/libs/failure"

// Definition says what one figure means. Workbook and UI show these very words.
type Definition struct {
	Symbol    string       `json:"symbol"` // as in reports, like ttft_ms
	Unit      string       `json:"unit"`
	Formula   string       `json:"formula"` // in the terms of this table
	Name      failure.Text `json:"name"`
	Text      failure.Text `json:"text"`               // one sentence
	Evalscope failure.Text `json:"evalscope,omitzero"` // what evalscope measures instead; empty when it is the same
}

// Definitions lists every figure in the order reports show them; it never changes. The formulas are those
// of vLLM's bench where tools agree; evalscope's were read in its source and checked by running it.
var Definitions = []Definition{
	{
		Symbol: "concurrency", Unit: "requests", Formula: "requests in flight, held constant",
		Name: failure.Text{EN: "Concurrency", ZH: "并发数"},
		Text: failure.Text{
			EN: "A new request starts when one ends, so this many are always in flight (closed loop).",
			ZH: "一个请求结束后立即发出下一个，使在途请求数保持不变（闭环）。",
		},
	},
	{
		Symbol: "rate_per_s", Unit: "req/s", Formula: "asked-for arrivals / second",
		Name: failure.Text{EN: "Request rate", ZH: "请求速率"},
		Text: failure.Text{
			EN: "Requests start at this rate whether or not earlier ones have ended (open loop).",
			ZH: "无论之前的请求是否结束，均按此速率发出请求（开环）。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: arrivals are Poisson, rescaled to end exactly at n / rate.",
			ZH: "evalscope：到达时间为泊松分布，并缩放为恰好在 n / rate 时结束。",
		},
	},
	{
		Symbol: "duration_ms", Unit: "ms", Formula: "last end − first start",
		Name: failure.Text{EN: "Duration", ZH: "时长"},
		Text: failure.Text{
			EN: "From the start of the first measured request to the end of the last, failed ones included, warm-up excluded.",
			ZH: "从首个被测请求开始到最后一个结束，包含失败请求，不含预热。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: the same from 1.11.1 on; before that failed requests did not count.",
			ZH: "evalscope：自 1.11.1 起相同；此前不计失败请求。",
		},
	},
	{
		Symbol: "requests_per_s", Unit: "req/s", Formula: "successful requests / duration",
		Name: failure.Text{EN: "Request throughput", ZH: "请求吞吐"},
		Text: failure.Text{
			EN: "Successful requests per second of the duration; failed requests only cost time.",
			ZH: "单位时间内成功的请求数；失败请求只消耗时间。",
		},
	},
	{
		Symbol: "output_tokens_per_s", Unit: "tok/s", Formula: "Σ output tokens of successful requests / duration",
		Name: failure.Text{EN: "Output throughput", ZH: "输出吞吐"},
		Text: failure.Text{
			EN: "Tokens produced per second by all requests together.",
			ZH: "所有请求每秒共产生的 token 数。",
		},
	},
	{
		Symbol: "total_tokens_per_s", Unit: "tok/s", Formula: "Σ (input + output tokens) of successful requests / duration",
		Name: failure.Text{EN: "Total throughput", ZH: "总吞吐"},
		Text: failure.Text{
			EN: "Tokens read and produced per second by all requests together.",
			ZH: "所有请求每秒共读入与产生的 token 数。",
		},
	},
	{
		Symbol: "ttft_ms", Unit: "ms", Formula: "first output − request sent",
		Name: failure.Text{EN: "Time to first token (TTFT)", ZH: "首 token 时延（TTFT）"},
		Text: failure.Text{
			EN: "From sending the request to the first event that carries output; known for streamed requests only.",
			ZH: "从发出请求到收到第一个带输出的事件；仅流式请求可测。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: includes waiting for a connection and parsing the event; up to 1.11.0 the event that only names the role counts as output; the client adds tens of ms at 100 streams.",
			ZH: "evalscope：包含等待连接与解析事件的时间；1.11.0 及以前把仅含角色的事件算作输出；100 路并发时客户端会额外增加数十毫秒。",
		},
	},
	{
		Symbol: "tpot_ms", Unit: "ms", Formula: "(e2e − ttft) / (output tokens − 1)",
		Name: failure.Text{EN: "Time per output token (TPOT)", ZH: "每输出 token 时延（TPOT）"},
		Text: failure.Text{
			EN: "Mean time between tokens of one request after the first; unknown below two tokens.",
			ZH: "单个请求首 token 之后平均每个 token 的时间；少于两个 token 时未知。",
		},
	},
	{
		Symbol: "itl_ms", Unit: "ms", Formula: "each gap between successive outputs, all requests pooled",
		Name: failure.Text{EN: "Inter-token latency (ITL)", ZH: "token 间时延（ITL）"},
		Text: failure.Text{
			EN: "The gaps a reader sees between pieces of output, as one distribution over all requests.",
			ZH: "读者看到的相邻输出之间的间隔，所有请求合为一个分布。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: the gap between events, not tokens; events read together give gaps near zero, so p50 is low and p99 high.",
			ZH: "evalscope：为事件之间而非 token 之间的间隔；一次读到多个事件时间隔接近零，因此 p50 偏低、p99 偏高。",
		},
	},
	{
		Symbol: "e2e_ms", Unit: "ms", Formula: "last byte − request sent",
		Name: failure.Text{EN: "End-to-end latency (E2E)", ZH: "端到端时延（E2E）"},
		Text: failure.Text{
			EN: "From sending the request to the end of the answer.",
			ZH: "从发出请求到回答结束。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: up to the last JSON event, the final [DONE] not included.",
			ZH: "evalscope：截至最后一个 JSON 事件，不含末尾的 [DONE]。",
		},
	},
	{
		Symbol: "tokens", Unit: "tokens", Formula: "usage.prompt_tokens, usage.completion_tokens",
		Name: failure.Text{EN: "Input and output tokens", ZH: "输入与输出 token"},
		Text: failure.Text{
			EN: "As the server counts them in usage; the source is named beside the sum, and a sum with a gap is not shown.",
			ZH: "以服务端 usage 的计数为准；来源标注在合计旁，有缺失时不显示合计。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: usage, else its own tokenizer when one is given, else the run is aborted.",
			ZH: "evalscope：优先取 usage，否则用给定的分词器计数，再否则中止运行。",
		},
	},
	{
		Symbol: "p50 p90 p95 p99", Unit: "of the figure", Formula: "the ⌈p·n/100⌉-th smallest value",
		Name: failure.Text{EN: "Percentiles", ZH: "百分位数"},
		Text: failure.Text{
			EN: "Nearest rank: p percent of the successful requests were this fast or faster; always a measured value.",
			ZH: "最近秩法：p% 的成功请求不慢于该值；总是一个实测值。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: the same from 1.11.1 on; before that one rank too high.",
			ZH: "evalscope：自 1.11.1 起相同；此前偏高一个名次。",
		},
	},
	{
		Symbol: "stddev", Unit: "of the figure", Formula: "√(Σ(x − mean)² / (n − 1))",
		Name: failure.Text{EN: "Standard deviation", ZH: "标准差"},
		Text: failure.Text{
			EN: "Of the sample; unknown below two values.",
			ZH: "样本标准差；少于两个值时未知。",
		},
	},
	{
		Symbol: "requests", Unit: "requests", Formula: "asked = ok + failed",
		Name: failure.Text{EN: "Requests asked, ok, failed", ZH: "请求数：计划、成功、失败"},
		Text: failure.Text{
			EN: "Failed requests are counted by class and kept out of every latency and token figure; when the sum is not what was asked, the result is marked incomplete.",
			ZH: "失败请求按类别计数，不计入任何时延与 token 指标；合计与计划不符时结果标记为不完整。",
		},
		Evalscope: failure.Text{
			EN: "evalscope: a success is HTTP 200 with a complete body; up to 1.13 an error event inside the stream counted as success.",
			ZH: "evalscope：成功指 HTTP 200 且响应体完整；1.13 及以前流内的错误事件也算成功。",
		},
	},
}
