package cli

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// specFlag is a flag that stands for one field of the document.
type specFlag struct {
	flag string
	path string // field, or object/field
	read func() (any, error)
}

// lay puts the value of the flag into the document.
func (f specFlag) lay(doc map[string]json.RawMessage) error {
	v, err := f.read()
	if err != nil {
		return err
	}
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	object, field, nested := strings.Cut(f.path, "/")
	if !nested {
		doc[f.path] = value
		return nil
	}
	inner := map[string]json.RawMessage{}
	if there, ok := doc[object]; ok {
		if json.Unmarshal(there, &inner) != nil || inner == nil {
			return errors.New(object + " of the document has no fields")
		}
	}
	inner[field] = value
	doc[object], err = json.Marshal(inner)
	return err
}

// specFlags are the fields people set by hand; the rest is written in a document.
func specFlags(a *App, c Command) []specFlag {
	l, f := a.Lang, c.Flags()
	text := func(flag, path, en, zh string) specFlag {
		return specFlag{flag, path, same(f.String(flag, "", l.Say(en, zh)))}
	}
	whole := func(flag, en, zh string) specFlag {
		return specFlag{flag, flag, same(f.Int(flag, 0, l.Say(en, zh)))}
	}
	length := func(flag, path, en, zh string) specFlag {
		return specFlag{flag, path, parsed(f, flag, l.Say(en, zh), parseLength)}
	}
	rate := f.Float64("rate", 0, l.Say("requests per second, instead of concurrency", "每秒请求数，代替并发"))
	slo := f.StringArray("slo", nil, l.Say("objective, like 'p99(ttft) < 500ms'; may be repeated", "性能目标，如 'p99(ttft) < 500ms'；可重复"))
	return []specFlag{
		text("name", "name", "title of the test", "测试名称"),
		text("model", "model", "model name sent to the server", "发送给服务的模型名"),
		text("engine", "engine", "serving engine under test: vllm, sglang, …", "被测推理引擎：vllm、sglang 等"),
		text("url", "target/url", "base URL of the target, like http://127.0.0.1:8000/v1", "目标地址，如 http://127.0.0.1:8000/v1"),
		text("api", "target/api", "chat or completions", "chat 或 completions"),
		text("credential", "target/credential", "id of the stored key, like cred_mine", "已保存密钥的编号，如 cred_mine"),
		text("mode", "mode", "local, remote or simulated", "local、remote 或 simulated"),
		text("generator", "generator", "evalscope or native", "evalscope 或 native"),
		length("input-length", "input_length", "tokens of a prompt: 1024 or 512-1024", "输入 token 数：1024 或 512-1024"),
		length("output-length", "output_length", "tokens of an answer: 256 or 128-256", "输出 token 数：256 或 128-256"),
		{"concurrency", "concurrency", parsed(f, "concurrency", l.Say("levels, like 1,8,64", "并发级别，如 1,8,64"), parseLevels)},
		{"rate", "rate", same(rate)},
		whole("loop", "repetitions of every level", "每个级别的重复轮次"),
		whole("requests", "requests per level and loop", "每级每轮的请求数"),
		text("duration", "duration", "time per level and loop, like 60s, instead of requests", "每级每轮的时长，如 60s，代替请求数"),
		{"warmup", "warmup", parsed(f, "warmup", l.Say("requests before measuring, or true", "预热请求数，或 true"), parseWarmup)},
		{"slo", "slo", same(slo)},
		text("archive", "archive", "never, on_success or always", "never、on_success 或 always"),
	}
}

func same[T any](v *T) func() (any, error) { return func() (any, error) { return *v, nil } }

func parsed(f *pflag.FlagSet, flag, usage string, parse func(string) (any, error)) func() (any, error) {
	v := f.String(flag, "", usage)
	return func() (any, error) { return parse(*v) }
}

func parseLength(text string) (any, error) {
	least, most, ranged := strings.Cut(text, "-")
	low, err := strconv.Atoi(least)
	if err != nil {
		return nil, errors.New("must be a whole number, or two like 512-1024")
	}
	if !ranged {
		return low, nil
	}
	high, err := strconv.Atoi(most)
	if err != nil {
		return nil, errors.New("must be a whole number, or two like 512-1024")
	}
	return map[string]int{"min": low, "max": high}, nil
}

func parseLevels(text string) (any, error) {
	if text == "auto" {
		return text, nil
	}
	var levels []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, errors.New("must be whole numbers, like 1,8,64")
		}
		levels = append(levels, n)
	}
	return levels, nil
}

func parseWarmup(text string) (any, error) {
	if n, err := strconv.Atoi(text); err == nil {
		return map[string]int{"requests": n}, nil
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return nil, errors.New("must be a whole number, true or false")
	}
	return on, nil
}
