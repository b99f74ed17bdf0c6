package spec

import "plimsoll.internal/libs/failure"

// rules looks at what no field can see alone. The spec has its defaults.
func (r *reader) rules(s Spec) {
	r.need("/model", failure.Text{EN: "the name of the model", ZH: "模型名称"})
	r.need("/input_length", failure.Text{EN: "the length of the prompts in tokens", ZH: "提示词长度（token 数）"})
	r.need("/output_length", failure.Text{EN: "the length of the answers in tokens", ZH: "输出长度（token 数）"})
	if r.seen["/model"] && s.Model == "" {
		r.empty("/model")
	}
	if s.Mode != ModeSimulated {
		r.need("/target/url", failure.Text{EN: "the address of the target", ZH: "目标地址"})
		if r.seen["/target/url"] && s.Target.URL == "" {
			r.empty("/target/url")
		}
	}
	if !r.seen["/concurrency"] && !r.seen["/rate"] {
		r.add("/concurrency", CodeRequired,
			failure.Text{EN: "the load is missing", ZH: "缺少负载"},
			failure.Text{EN: "add concurrency, like [1, 8, 64], or rate in requests per second", ZH: "请填写 concurrency，如 [1, 8, 64]，或填写 rate（每秒请求数）"})
	}
	r.exclude("/rate", "/concurrency", "rate", "concurrency")
	r.exclude("/duration", "/requests", "duration", "requests")
	r.stepRule(s.Plan())
	r.promptRules(s.Prompts)
	r.notYet(s)
}

// exclude notes two fields that cannot be used together.
func (r *reader) exclude(at, other, name, otherName string) {
	if r.seen[at] && r.seen[other] {
		r.add(at, CodeConflict,
			failure.Text{EN: name + " and " + otherName + " exclude each other", ZH: name + " 与 " + otherName + " 不能同时使用"},
			failure.Text{EN: "keep one of them", ZH: "请只保留其中一个"})
	}
}

// stepRule bounds how long one test can get.
func (r *reader) stepRule(p Plan) {
	if len(p.Levels)*p.Loops > maxSteps {
		r.add("/loop", CodeOutOfRange,
			failure.Text{EN: "levels × loop is above 1,000", ZH: "级别数 × loop 超过 1000"},
			failure.Text{EN: "repeat the levels less often, list fewer of them, or make several tests", ZH: "请减少重复次数或级别数，或拆分为多个测试"})
	}
}

// empty notes a required text that was written as "". Fields that already have a fault are left alone.
func (r *reader) empty(at string) {
	for _, f := range r.faults {
		if f.Pointer == at {
			return
		}
	}
	r.add(at, CodeRequired,
		failure.Text{EN: "is empty", ZH: "为空"}, failure.Text{EN: "fill it in", ZH: "请填写"})
}

func (r *reader) promptRules(p Prompts) {
	switch {
	case p.Source == SourceText && !r.seen["/prompts/text"]:
		r.need("/prompts/text", failure.Text{EN: "the text to send", ZH: "要发送的文本"})
	case p.Source == SourceText && p.Text == "":
		r.empty("/prompts/text")
	case p.Source == SourceText && p.SharedPrefix > 0:
		r.add("/prompts/shared_prefix", CodeConflict,
			failure.Text{EN: "a fixed text is shared as a whole", ZH: "固定文本本身就是完全共享的"},
			failure.Text{EN: "remove shared_prefix, or use synthetic prompts", ZH: "请移除 shared_prefix，或改用 synthetic"})
	case p.Source != SourceText && p.Text != "":
		r.add("/prompts/text", CodeConflict,
			failure.Text{EN: "a text is only sent with source text", ZH: "只有 source 为 text 时才会发送该文本"},
			failure.Text{EN: `add "source": "text", or remove the text`, ZH: `请加上 "source": "text"，或移除该文本`})
	}
}

// notYet refuses what is a right thing to ask for and cannot be run by this version.
func (r *reader) notYet(s Spec) {
	refuse := func(asked bool, at string, what, instead failure.Text) {
		if asked {
			r.add(at, CodeNotAvailable,
				failure.Text{EN: what.EN + " is not available in this version", ZH: "此版本尚不支持" + what.ZH}, instead)
		}
	}
	refuse(s.Concurrency.Auto, "/concurrency",
		failure.Text{EN: "finding the concurrency automatically", ZH: "自动寻找并发"},
		failure.Text{EN: "list the levels, like [1, 8, 64]", ZH: "请列出级别，如 [1, 8, 64]"})
	refuse(s.Mode == ModeRemote, "/mode",
		failure.Text{EN: "making the load on a remote host", ZH: "在远程主机上施压"},
		failure.Text{EN: "use mode local", ZH: "请使用 local 模式"})
	refuse(s.Host != "", "/host",
		failure.Text{EN: "choosing a host", ZH: "选择主机"},
		failure.Text{EN: "remove host; the load is made on the runner's machine", ZH: "请移除 host；负载由执行器所在机器产生"})
	refuse(s.Generator == GeneratorNative, "/generator",
		failure.Text{EN: "the native generator", ZH: "原生压测引擎"},
		failure.Text{EN: "use generator evalscope", ZH: "请使用 evalscope"})
	refuse(len(s.SLO) > 0, "/slo",
		failure.Text{EN: "judging by service levels", ZH: "按服务级别目标判定"},
		failure.Text{EN: "remove slo and read the percentiles of the report", ZH: "请移除 slo，并查看报告中的百分位数"})
	refuse(s.Runners > 1, "/runners",
		failure.Text{EN: "sharing one test among several runners", ZH: "多个执行器共同执行一个测试"},
		failure.Text{EN: "use 1 runner", ZH: "请使用 1 个执行器"})
	refuse(s.Prompts.Source == SourceFile, "/prompts/source",
		failure.Text{EN: "sending prompts from a file", ZH: "从文件读取提示词"},
		failure.Text{EN: "use source synthetic or text", ZH: "请使用 synthetic 或 text"})
}

// Warnings says what is allowed but may surprise.
func (s Spec) Warnings() []failure.Text {
	s = s.WithDefaults()
	var out []failure.Text
	for _, l := range s.Plan().Levels {
		if l.Requests > 0 && l.Requests < l.Concurrency {
			out = append(out, failure.Text{
				EN: "there are fewer requests than requests in flight, so the highest levels are never reached",
				ZH: "请求数少于并发数，因此无法达到最高的并发级别",
			})
			break
		}
	}
	if !*s.Stream {
		out = append(out, failure.Text{
			EN: "answers are not streamed, so TTFT, TPOT and ITL cannot be measured",
			ZH: "未启用流式输出，因此无法测量 TTFT、TPOT 和 ITL",
		})
	}
	if !*s.Target.TLSVerify {
		out = append(out, failure.Text{
			EN: "the certificate of the target is not checked",
			ZH: "不会校验目标的证书",
		})
	}
	return out
}
