package spec

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"plimsoll.internal/libs/failure"
)

// The limits of a spec.
const (
	maxName        = 200              // characters
	maxModel       = 200              // characters
	maxEngine      = 100              // characters
	maxTokens      = 1_000_000        // of one prompt or answer
	maxConcurrency = 65_536           // requests in flight
	maxLevels      = 64               // entries of the list
	maxLoop        = 1000             // repetitions
	maxSteps       = 1000             // levels × loop: every one is a process of load, an event and a row of the report
	maxRequests    = 10_000_000       // per level and loop
	maxRate        = 100_000          // requests per second
	minRate        = 0.001            // requests per second
	maxWarmup      = 1_000_000        // requests
	maxSeed        = 1<<53 - 1        // every JSON reader keeps such a number whole
	maxPrompt      = 1 << 20          // bytes
	maxRetries     = 10               // attempts after the first
	maxRunners     = 1000             // runners
	maxSLO         = 20               // rules
	maxDuration    = 24 * time.Hour   // one level and loop
	maxTimeout     = 24 * time.Hour   // any wait
	minTimeout     = time.Millisecond // any wait
)

// fields is the document, field by field.
func (r *reader) fields(s *Spec) field {
	return r.members(map[string]field{
		"name":          r.text(&s.Name, maxName),
		"model":         r.text(&s.Model, maxModel),
		"engine":        r.text(&s.Engine, maxEngine),
		"target":        r.target(&s.Target),
		"mode":          choice(r, &s.Mode, ModeLocal, ModeRemote, ModeSimulated),
		"generator":     choice(r, &s.Generator, GeneratorNative, GeneratorEvalscope),
		"host":          r.text(&s.Host, maxName),
		"input_length":  r.length(&s.InputLength),
		"output_length": r.length(&s.OutputLength),
		"concurrency":   r.concurrency(&s.Concurrency),
		"rate":          r.number(&s.Rate, minRate, maxRate),
		"loop":          r.whole(&s.Loop, 1, maxLoop),
		"requests":      r.whole(&s.Requests, 1, maxRequests),
		"duration":      r.duration(&s.Duration, time.Second, maxDuration),
		"warmup":        r.warmup(&s.Warmup),
		"stream":        r.flag(func(b bool) { s.Stream = &b }),
		"prompts":       r.prompts(&s.Prompts),
		"slo":           r.slo(&s.SLO),
		"timeouts":      r.timeouts(&s.Timeouts),
		"retries":       r.integer(0, maxRetries, func(i int64) { n := int(i); s.Retries = &n }),
		"runners":       r.whole(&s.Runners, 1, maxRunners),
		"archive":       choice(r, &s.Archive, ArchiveNever, ArchiveOnSuccess, ArchiveAlways),
		"share_target":  r.flag(func(b bool) { s.ShareTarget = b }),
	})
}

func (r *reader) target(t *Target) field {
	return r.members(map[string]field{
		"url":        r.url(&t.URL),
		"api":        choice(r, &t.API, APIChat, APICompletions),
		"credential": r.credential(&t.Credential),
		"tls_verify": r.flag(func(b bool) { t.TLSVerify = &b }),
		"headers":    r.headers(&t.Headers),
	})
}

func (r *reader) prompts(p *Prompts) field {
	return r.members(map[string]field{
		"source":        choice(r, &p.Source, SourceSynthetic, SourceText, SourceFile),
		"text":          r.promptText(&p.Text),
		"seed":          r.integer(-maxSeed, maxSeed, func(i int64) { p.Seed = &i }),
		"shared_prefix": r.number(&p.SharedPrefix, 0, 1),
	})
}

func (r *reader) timeouts(t *Timeouts) field {
	return r.members(map[string]field{
		"connect":     r.duration(&t.Connect, minTimeout, maxTimeout),
		"first_token": r.duration(&t.FirstToken, minTimeout, maxTimeout),
		"stall":       r.duration(&t.Stall, minTimeout, maxTimeout),
		"request":     r.duration(&t.Request, minTimeout, maxTimeout),
	})
}

// length reads 128 or {"min": 64, "max": 128}.
func (r *reader) length(l *Length) field {
	return func(at string, v any) {
		switch v.(type) {
		case json.Number:
			r.whole(&l.Min, 1, maxTokens)(at, v)
			l.Max = l.Min
		case object:
			r.members(map[string]field{"min": r.whole(&l.Min, 1, maxTokens), "max": r.whole(&l.Max, 1, maxTokens)})(at, v)
			r.need(at+"/min", failure.Text{EN: "the fewest tokens", ZH: "最少 token 数"})
			r.need(at+"/max", failure.Text{EN: "the most tokens", ZH: "最多 token 数"})
			if l.Min > 0 && l.Max > 0 && l.Min > l.Max {
				r.add(at+"/min", CodeConflict,
					failure.Text{EN: "min is above max", ZH: "min 大于 max"},
					failure.Text{EN: "swap them", ZH: "请互换两者"})
			}
		default:
			r.wrongType(at, failure.Text{EN: "a whole number of tokens or {min, max}", ZH: "整数 token 数或 {min, max}"})
		}
	}
}

// concurrency reads 8, [1, 8, 64] or "auto".
func (r *reader) concurrency(c *Concurrency) field {
	return func(at string, v any) {
		switch v := v.(type) {
		case json.Number:
			r.integer(1, maxConcurrency, func(i int64) { c.Levels = []int{int(i)} })(at, v)
		case []any:
			r.levels(c, at, v)
		default:
			if v == "auto" {
				c.Auto = true
				return
			}
			r.wrongType(at, failure.Text{EN: `a whole number, a list of whole numbers, or "auto"`, ZH: `整数、整数列表或 "auto"`})
		}
	}
}

func (r *reader) levels(c *Concurrency, at string, list []any) {
	if len(list) < 1 || len(list) > maxLevels {
		r.add(at, CodeOutOfRange,
			failure.Text{EN: fmt.Sprintf("must list 1 to %d levels", maxLevels), ZH: fmt.Sprintf("必须列出 1 到 %d 个级别", maxLevels)},
			failure.Text{EN: "write it like [1, 8, 64]", ZH: "请写成 [1, 8, 64] 的形式"})
		return
	}
	seen := map[int64]bool{}
	for i, v := range list {
		p := fmt.Sprintf("%s/%d", at, i)
		r.integer(1, maxConcurrency, func(n int64) {
			if seen[n] {
				r.add(p, CodeDuplicate,
					failure.Text{EN: "the level is listed twice", ZH: "该级别出现了两次"},
					failure.Text{EN: "list it once; to repeat levels use loop", ZH: "请只列一次；要重复请使用 loop"})
				return
			}
			seen[n] = true
			c.Levels = append(c.Levels, int(n))
		})(p, v)
	}
}

// warmup reads true, false or {"requests": 10}.
func (r *reader) warmup(w *Warmup) field {
	return func(at string, v any) {
		switch v := v.(type) {
		case bool:
			w.On = v
		case object:
			r.members(map[string]field{"requests": r.whole(&w.Requests, 0, maxWarmup)})(at, v)
			r.need(at+"/requests", failure.Text{EN: "the number of warm-up requests", ZH: "预热请求数"})
			w.On = w.Requests > 0
		default:
			r.wrongType(at, failure.Text{EN: "true, false or {requests}", ZH: " true、false 或 {requests}"})
		}
	}
}

func (r *reader) slo(to *[]string) field {
	return func(at string, v any) {
		list, ok := v.([]any)
		if !ok {
			r.wrongType(at, failure.Text{EN: "a list of texts", ZH: "文本列表"})
			return
		}
		if len(list) > maxSLO {
			r.add(at, CodeOutOfRange,
				failure.Text{EN: fmt.Sprintf("lists more than %d rules", maxSLO), ZH: fmt.Sprintf("规则超过 %d 条", maxSLO)},
				failure.Text{EN: "keep the rules that decide", ZH: "请只保留起决定作用的规则"})
			return
		}
		for i, v := range list {
			var rule string
			r.text(&rule, maxName)(fmt.Sprintf("%s/%d", at, i), v)
			*to = append(*to, rule)
		}
	}
}

// promptText may hold line breaks; it is limited in bytes.
func (r *reader) promptText(to *string) field {
	return func(at string, v any) {
		s, ok := v.(string)
		switch {
		case !ok:
			r.wrongType(at, failure.Text{EN: "a text", ZH: "文本"})
		case len(s) > maxPrompt:
			r.add(at, CodeOutOfRange,
				failure.Text{EN: "is larger than 1 MiB", ZH: "大于 1 MiB"}, failure.Text{EN: "shorten it", ZH: "请缩短"})
		default:
			*to = s
		}
	}
}

var credentialPattern = regexp.MustCompile(`^cred_[a-z0-9_-]{1,64}$`)

// credential takes the id of a secret; whatever else is there may be the secret itself.
func (r *reader) credential(to *string) field {
	return func(at string, v any) {
		s, ok := v.(string)
		if !ok || s != "" && !credentialPattern.MatchString(s) {
			r.add(at, CodeInvalid,
				failure.Text{EN: "must be the id of a stored credential: cred_ and 1 to 64 of a–z, 0–9, _ and -", ZH: "必须是已保存凭据的编号：cred_ 加 1 到 64 个 a–z、0–9、_ 或 - 字符"},
				failure.Text{EN: "store the key as a credential and write its id here, never the key itself", ZH: "请先把密钥保存为凭据，再在此填写其编号，切勿填写密钥本身"})
			return
		}
		*to = s
	}
}

// need notes a required field that is not there.
func (r *reader) need(at string, what failure.Text) {
	if !r.seen[at] {
		r.add(at, CodeRequired,
			failure.Text{EN: what.EN + " is missing", ZH: "缺少" + what.ZH},
			failure.Text{EN: "add the field", ZH: "请补上该字段"})
	}
}
