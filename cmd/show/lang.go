// Package show prints tests, levels, events and progress for people, in English or Chinese. It knows
// nothing about where they come from.
package show

import (
	"strings"

	"plimsoll.internal/libs/api"
)

// Lang is the language a person reads.
type Lang string

// The languages.
const (
	English Lang = "en"
	Chinese Lang = "zh"
)

// LangOf picks the language the environment asks for.
func LangOf(env func(string) string) Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "zh") {
				return Chinese
			}
			return English
		}
	}
	return English
}

// Say picks the text of the language.
func (l Lang) Say(en, zh string) string {
	if l == Chinese {
		return zh
	}
	return en
}

// Text picks the text of the language from an answer of the server.
func (l Lang) Text(t api.Text) string { return l.Say(t.En, t.Zh) }

// state is the name of a state for people.
func (l Lang) state(s api.State) string {
	zh := map[api.State]string{
		"queued": "排队中", "preflight": "预检中", "probing": "探测中", "running": "运行中", "reporting": "生成报告中",
		"succeeded": "成功", "failed": "失败", "cancelling": "取消中", "cancelled": "已取消",
	}
	if l == Chinese && zh[s] != "" {
		return zh[s]
	}
	return Clean(string(s))
}

// verdict is the name of a verdict for people; a test without objectives has none.
func (l Lang) verdict(v api.Verdict) string {
	zh := map[api.Verdict]string{"pass": "达标", "fail": "未达标", "inconclusive": "无法判定"}
	switch {
	case v == "none" || v == "":
		return absent
	case l == Chinese && zh[v] != "":
		return zh[v]
	}
	return Clean(string(v))
}
