package failure

// Classes lists every class in the order people meet them: the way to the target, its answers, its
// stream, then our own side.
var Classes = []Class{
	DNS, ConnectRefused, ConnectTimeout, TLS, Auth, NotFound, BadRequest, ContextLength, RateLimited,
	ServerError, Unavailable, FirstTokenTimeout, StallTimeout, TotalTimeout, StreamTruncated, BadStream,
	EmptyOutput, ContentFilter, ClientResource, RunnerLost, SSH, Cancelled,
	GeneratorMissing, GeneratorCrashed, GeneratorHung, GeneratorGarbage, Storage, Unknown,
}

// catalogue holds the words for every class; it never changes.
var catalogue = map[Class]Info{
	DNS: {
		Title:  Text{"Host name not found", "无法解析主机名"},
		Cause:  Text{"The host name of the target has no address on this machine.", "本机无法把目标的主机名解析为地址。"},
		Advice: Text{"Check the spelling of the host in target.url and the DNS settings of the machine that makes the load.", "请检查 target.url 中的主机名拼写，以及压测机的 DNS 设置。"},
		Fault:  FaultConfiguration,
	},
	ConnectRefused: {
		Title:  Text{"Connection refused", "连接被拒绝"},
		Cause:  Text{"The machine answers, but nothing listens on that port.", "目标机器可达，但该端口没有服务在监听。"},
		Advice: Text{"Start the server, check the port in target.url, and check that the server listens on an address others can reach.", "请启动服务，检查 target.url 中的端口，并确认服务监听的地址可被外部访问。"},
		Fault:  FaultTarget,
	},
	ConnectTimeout: {
		Title:  Text{"Connection timed out", "连接超时"},
		Cause:  Text{"No answer to the connection attempt: a firewall, a wrong address, or a machine that is down.", "连接请求没有任何回应：可能是防火墙、地址错误或机器已关机。"},
		Advice: Text{"Check the address, the firewall and the route from the machine that makes the load to the target.", "请检查地址、防火墙，以及压测机到目标的网络路由。"},
		Fault:  FaultNetwork,
	},
	TLS: {
		Title:  Text{"TLS failed", "TLS 握手失败"},
		Cause:  Text{"The certificate is not trusted, has expired, is for another name, or the port does not speak TLS.", "证书不受信任、已过期、域名不符，或该端口不是 TLS 服务。"},
		Advice: Text{"Install a valid certificate, or set target.tls_verify to false if you trust the network; check http against https.", "请安装有效证书；若信任该网络，可将 target.tls_verify 设为 false；并检查 http 与 https 是否写错。"},
		Fault:  FaultConfiguration,
	},
	Auth: {
		Title:  Text{"Not authorised", "认证失败"},
		Cause:  Text{"The target refused the key (HTTP 401 or 403).", "目标拒绝了密钥（HTTP 401 或 403）。"},
		Advice: Text{"Check the credential named in target.credential: it may be missing, wrong, expired, or not allowed to use this model.", "请检查 target.credential 指定的凭据：可能缺失、错误、过期，或无权使用该模型。"},
		Fault:  FaultConfiguration,
	},
	NotFound: {
		Title:  Text{"Not found", "未找到"},
		Cause:  Text{"The path or the model does not exist on the target (HTTP 404).", "目标上不存在该路径或模型（HTTP 404）。"},
		Advice: Text{"Check that target.url ends in the API base such as /v1 and that model is a name the server lists.", "请确认 target.url 以 API 根路径（如 /v1）结尾，且 model 是服务端列出的名称。"},
		Fault:  FaultConfiguration,
	},
	BadRequest: {
		Title:  Text{"Request refused", "请求被拒绝"},
		Cause:  Text{"The target does not accept the request as it is (HTTP 400 or 422).", "目标不接受该请求（HTTP 400 或 422）。"},
		Advice: Text{"Read the target's message; check target.api (chat or completions) and the fields this server supports.", "请阅读目标返回的信息，检查 target.api（chat 或 completions）以及该服务支持的字段。"},
		Fault:  FaultConfiguration,
	},
	ContextLength: {
		Title:  Text{"Context too long", "超出上下文长度"},
		Cause:  Text{"Prompt and answer together do not fit into the context of the model as it is served.", "提示词加上输出超出了该模型部署的上下文长度。"},
		Advice: Text{"Lower input_length or output_length, or serve the model with a longer context.", "请减小 input_length 或 output_length，或以更长的上下文部署模型。"},
		Fault:  FaultConfiguration,
	},
	RateLimited: {
		Title:  Text{"Rate limited", "被限流"},
		Cause:  Text{"The target or a gateway before it limits the number of requests (HTTP 429).", "目标或其前面的网关限制了请求数量（HTTP 429）。"},
		Advice: Text{"Raise the limit for this key, or lower concurrency or rate.", "请提高该密钥的限额，或降低并发或速率。"},
		Fault:  FaultTarget,
	},
	ServerError: {
		Title:  Text{"Server error", "服务端错误"},
		Cause:  Text{"The target failed while answering (HTTP 500).", "目标在处理请求时出错（HTTP 500）。"},
		Advice: Text{"Read the log of the server at that time; running out of GPU memory is the usual reason.", "请查看服务端当时的日志；常见原因是显存不足。"},
		Fault:  FaultTarget,
	},
	Unavailable: {
		Title:  Text{"Service unavailable", "服务不可用"},
		Cause:  Text{"The target is starting, overloaded, or a proxy cannot reach it (HTTP 502, 503 or 504).", "目标正在启动、过载，或代理无法连到它（HTTP 502、503 或 504）。"},
		Advice: Text{"Wait until the model is loaded, check the proxy before it, or lower the load.", "请等待模型加载完成，检查前置代理，或降低负载。"},
		Fault:  FaultTarget,
	},
	FirstTokenTimeout: {
		Title:  Text{"No first token in time", "首 token 超时"},
		Cause:  Text{"The request was accepted but no output came before timeouts.first_token.", "请求已被接受，但在 timeouts.first_token 之内没有任何输出。"},
		Advice: Text{"The server is queueing: lower the concurrency, shorten the prompts, or raise timeouts.first_token.", "服务端在排队：请降低并发、缩短提示词，或调大 timeouts.first_token。"},
		Fault:  FaultTarget,
	},
	StallTimeout: {
		Title:  Text{"Stream stalled", "输出停滞"},
		Cause:  Text{"Output began and then paused longer than timeouts.stall.", "输出开始后，中途停顿超过 timeouts.stall。"},
		Advice: Text{"Look for preemption or swapping in the server's log, or raise timeouts.stall.", "请在服务端日志中查找抢占或换出，或调大 timeouts.stall。"},
		Fault:  FaultTarget,
	},
	TotalTimeout: {
		Title:  Text{"Request took too long", "请求总时长超时"},
		Cause:  Text{"The whole answer did not arrive before timeouts.request.", "完整回答没有在 timeouts.request 之内返回。"},
		Advice: Text{"Lower output_length or the concurrency, or raise timeouts.request.", "请减小 output_length 或并发，或调大 timeouts.request。"},
		Fault:  FaultTarget,
	},
	StreamTruncated: {
		Title:  Text{"Stream cut off", "输出被截断"},
		Cause:  Text{"The connection ended before the answer was complete.", "连接在回答结束之前断开。"},
		Advice: Text{"Look for crashes or restarts of the server, and for proxies with a short timeout between you and it.", "请检查服务端是否崩溃或重启，以及中间代理的超时是否过短。"},
		Fault:  FaultTarget,
	},
	BadStream: {
		Title:  Text{"Answer not readable", "返回内容无法解析"},
		Cause:  Text{"The target answered 200, but not in the format of the API.", "目标返回了 200，但内容不符合该 API 的格式。"},
		Advice: Text{"Check that target.url is the model's API and not a web page, and that target.api fits.", "请确认 target.url 是模型的 API 而不是网页，并且 target.api 与之相符。"},
		Fault:  FaultTarget,
	},
	EmptyOutput: {
		Title:  Text{"Empty answer", "输出为空"},
		Cause:  Text{"The request succeeded without a single token of output.", "请求成功，但没有输出任何 token。"},
		Advice: Text{"Check that the server honours ignore_eos and min_tokens, and try another prompt.", "请确认服务端支持 ignore_eos 与 min_tokens，并尝试更换提示词。"},
		Fault:  FaultTarget,
	},
	ContentFilter: {
		Title:  Text{"Stopped by a content filter", "被内容过滤拦截"},
		Cause:  Text{"A moderation layer before the model refused or cut the answer.", "模型前的审核层拒绝或截断了回答。"},
		Advice: Text{"Turn the filter off for the test key, or use other prompts.", "请为测试密钥关闭过滤，或更换提示词。"},
		Fault:  FaultTarget,
	},
	ClientResource: {
		Title:  Text{"Load generator out of resources", "压测机资源不足"},
		Cause:  Text{"The machine that makes the load ran out of file descriptors, ports, memory or CPU.", "压测机的文件描述符、端口、内存或 CPU 不足。"},
		Advice: Text{"Raise the limit of open files (ulimit -n), lower the concurrency, or use a bigger machine.", "请提高文件数上限（ulimit -n）、降低并发，或换用更大的机器。"},
		Fault:  FaultGenerator,
	},
	RunnerLost: {
		Title:  Text{"Runner lost", "执行器失联"},
		Cause:  Text{"The process that ran the test disappeared and nobody could finish its work.", "执行该测试的进程消失，且没有其他进程能接手完成。"},
		Advice: Text{"Check that a runner is up and look at its log, then run the test again.", "请确认有执行器在运行并查看其日志，然后重新运行测试。"},
		Fault:  FaultGenerator,
	},
	SSH: {
		Title:  Text{"Remote host not usable", "远程主机不可用"},
		Cause:  Text{"The connection to the remote host failed or was lost.", "与远程主机的 SSH 连接失败或中断。"},
		Advice: Text{"Check address, user, key and host key of the host, and that it is up.", "请检查主机地址、用户、密钥与主机指纹，并确认主机在线。"},
		Fault:  FaultConfiguration,
	},
	Cancelled: {
		Title:  Text{"Cancelled", "已取消"},
		Cause:  Text{"Somebody asked to stop the test.", "有人请求停止该测试。"},
		Advice: Text{"Nothing to do; run it again when you want the figures.", "无需处理；需要结果时重新运行即可。"},
		Fault:  FaultConfiguration,
	},
	GeneratorMissing: {
		Title:  Text{"evalscope is missing", "缺少 evalscope"},
		Cause:  Text{"The load generator is not installed or does not start on this machine.", "本机未安装压测工具，或它无法启动。"},
		Advice: Text{"Run “plimsoll evalscope install”, then “plimsoll evalscope check”.", "请运行 “plimsoll evalscope install”，再运行 “plimsoll evalscope check”。"},
		Fault:  FaultGenerator,
	},
	GeneratorCrashed: {
		Title:  Text{"Load generator crashed", "压测工具崩溃"},
		Cause:  Text{"The load generator ended without a usable result.", "压测工具结束时没有留下可用的结果。"},
		Advice: Text{"Read the last lines of its log in the failure, and check memory and disk of this machine.", "请阅读失败信息中的日志末尾，并检查本机的内存与磁盘。"},
		Fault:  FaultGenerator,
	},
	GeneratorHung: {
		Title:  Text{"Load generator hung", "压测工具卡死"},
		Cause:  Text{"The load generator made no progress for too long and was stopped.", "压测工具长时间没有进展，已被终止。"},
		Advice: Text{"Check that the target still answers; raise timeouts.request if its answers are that slow.", "请确认目标仍在响应；若它确实很慢，请调大 timeouts.request。"},
		Fault:  FaultGenerator,
	},
	GeneratorGarbage: {
		Title:  Text{"Result not readable", "结果无法读取"},
		Cause:  Text{"The load generator wrote files that are damaged or in an unknown format.", "压测工具写出的文件已损坏或格式未知。"},
		Advice: Text{"Run “plimsoll evalscope check”; use the version this release is made for.", "请运行 “plimsoll evalscope check”，并使用本版本所支持的 evalscope 版本。"},
		Fault:  FaultGenerator,
	},
	Storage: {
		Title:  Text{"Storage failed", "存储失败"},
		Cause:  Text{"Disk or bucket is full, or a stored object is missing or damaged.", "磁盘或存储桶已满，或已存对象缺失、损坏。"},
		Advice: Text{"Free space in the data folder, purge old tests, then try again.", "请清理数据目录的空间、彻底删除旧测试后重试。"},
		Fault:  FaultGenerator,
	},
	Unknown: {
		Title:  Text{"Unknown failure", "未知错误"},
		Cause:  Text{"The reason is not known.", "原因未知。"},
		Advice: Text{"Read the message and the log of the stage that failed; report it if it comes back.", "请阅读错误信息与失败环节的日志；若再次出现请反馈。"},
		Fault:  FaultGenerator,
	},
}
