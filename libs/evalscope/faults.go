package evalscope

import (
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
)

// How bad a known fault is.
const (
	severityInfo  = "info"  // worth knowing
	severityWarn  = "warn"  // the figure can mislead
	severityWrong = "wrong" // the figure does not mean what its name says
)

// knownFault is a fault with the versions it is in: from (inclusive, "" = always) to before (exclusive).
type knownFault struct {
	from, before string
	fault        events.KnownFault
}

func fault(from, before, metric, severity, en, zh string) knownFault {
	return knownFault{from, before, events.KnownFault{
		Metric: metric, Severity: severity, Text: failure.Text{EN: en, ZH: zh},
	}}
}

// knownFaults was measured by running 1.0.2, 1.4.2, 1.7.1, 1.10.0 and 1.14.1 against a server whose
// send times are known; the borders between them were read in the code of the releases in between.
var knownFaults = []knownFault{
	fault("", "1.11.1", "ttft_ms", severityWrong,
		"TTFT stops at the first event even when it carries only the role: a server whose first token comes after 50 ms reads 4–10 ms.",
		"首个事件即使只含角色信息也被计为首 token：真实 TTFT 为 50 ms 的服务会显示为 4–10 ms。"),
	fault("", "1.11.1", "tpot_ms", severityWrong,
		"TPOT is too high because it starts at the role-only event: 10.8–11.4 ms where 10.0 ms is true.",
		"TPOT 从只含角色信息的事件开始计算，因而偏高：真实 10.0 ms 显示为 10.8–11.4 ms。"),
	fault("", "1.11.1", "itl_ms", severityWrong,
		"ITL counts the wait between the role-only event and the first token as a gap.",
		"ITL 把只含角色信息的事件到首 token 的等待也算作一次间隔。"),
	fault("1.11.1", "1.12.0", "ttft_ms", severityWarn,
		"Reasoning and tool-call output does not count as a first token: TTFT of a reasoning model is too high or missing.",
		"推理内容和工具调用不计为首 token：推理模型的 TTFT 偏高或缺失。"),
	fault("", "", "ttft_ms", severityWarn,
		"Its client adds to TTFT under load: with 100 streams it read 104–169 ms where the server sent after 51 ms.",
		"高并发时其客户端会抬高 TTFT：100 路并发下服务端 51 ms 发出，显示为 104–169 ms。"),
	fault("", "1.11.1", "ttft_ms", severityWarn,
		"Warm-up is drained before measuring, so the first requests of a level start as one burst and their TTFT carries it.",
		"预热结束后才开始测量，每级的首批请求会同时发出，其 TTFT 含有这一突发的影响。"),
	fault("", "", "itl_ms", severityWarn,
		"ITL is the gap between events, not tokens, and events read together show gaps near zero: p50 reads low, p99 high.",
		"ITL 是事件之间而非 token 之间的间隔，一次读到的多个事件间隔接近零：p50 偏低，p99 偏高。"),
	fault("", "", "ttft_ms", severityInfo,
		"Without streaming evalscope sets TTFT to the whole latency; here it is left empty instead.",
		"非流式时 evalscope 把 TTFT 记为整个时延；此处改为留空。"),
	fault("", "1.11.1", "all", severityWarn,
		"Its own percentiles are one rank too high; the figures here are computed anew from its per-request records.",
		"其自带的百分位数偏高一位；此处的数值由逐请求记录重新计算。"),
	fault("", "1.14.0", "all", severityWrong,
		"An error event inside a 200 answer counts as success, so the error rate can read too low.",
		"状态码为 200 的回答中的错误事件被计为成功，错误率可能偏低。"),
	fault("", "1.2.0", "requests_per_s", severityWrong,
		"The duration runs until a result is processed, not until the request ends, so throughput reads too low.",
		"测试时长计算到结果处理时刻而非请求结束时刻，吞吐量偏低。"),
	fault("1.2.0", "1.11.1", "requests_per_s", severityInfo,
		"Failed requests have no end time: they do not count towards the duration, which is 0 when all failed.",
		"失败请求没有结束时间，不计入测试时长；全部失败时时长为 0。"),
	fault("", "1.8.1", "requests_per_s", severityWarn,
		"The asked-for rate is drawn at random and not corrected: 14.9 requests per second were sent where 20 were asked.",
		"请求到达时间随机抽取且不校正：设定每秒 20 个请求，实际为 14.9 个。"),
	fault("", "1.3.0", "all", severityInfo,
		"The connection test cannot be switched off: one extra request is sent before every level.",
		"无法关闭连接测试：每级测试前都会多发一个请求。"),
	fault("1.4.2", "1.4.3", "all", severityWarn,
		"The switch for the connection test is inverted: asking for no test makes it retry for up to six hours.",
		"连接测试开关的含义相反：要求不测试时反而会重试，最长六小时。"),
	fault("", "1.9.1", "all", severityWarn,
		"A key given as an argument is written in clear into its files and log; Plimsoll never passes the key that way.",
		"以参数传入的密钥会以明文写入其文件和日志；Plimsoll 从不以这种方式传递密钥。"),
	fault("", "", "all", severityInfo,
		"The whole level is aborted when the server sends no token counts (usage).",
		"服务端不返回 token 计数（usage）时，整级测试会中止。"),
}

var (
	unknownVersion = fault("", "", "all", severityWarn,
		"The version of evalscope is unknown, so its faults are too; take its figures with care.",
		"evalscope 版本未知，其已知问题也无从判断，请谨慎采信其数值。").fault
	newerVersion = fault("", "", "all", severityWarn,
		"This version of evalscope is newer than "+DefaultVersion+", the newest one whose figures were checked.",
		"此 evalscope 版本比已核对过数值的最新版本 "+DefaultVersion+" 更新。").fault
)

// KnownFaults lists what this version of evalscope gets wrong, worst first is not promised; never nil.
func KnownFaults(text string) []events.KnownFault {
	list := []events.KnownFault{}
	v, ok := parseVersion(text)
	if !ok {
		list = append(list, unknownVersion)
	} else if older(DefaultVersion, text) {
		list = append(list, newerVersion)
	}
	for _, k := range knownFaults {
		if ok && k.in(v) || !ok && k.from == "" && k.before == "" {
			list = append(list, k.fault)
		}
	}
	return list
}

func (k knownFault) in(v version) bool {
	if from, ok := parseVersion(k.from); ok && v.compare(from) < 0 {
		return false
	}
	if before, ok := parseVersion(k.before); ok && v.compare(before) >= 0 {
		return false
	}
	return true
}
