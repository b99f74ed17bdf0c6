package spec

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"plimsoll.internal/libs/failure"
)

// maxFaults bounds the answer to a document that is wrong everywhere.
const maxFaults = 200

// reader takes values out of a tree and notes every fault on the way.
type reader struct {
	faults []Fault
	seen   map[string]bool // pointers of the fields that were written
}

// field reads one value found at a pointer.
type field func(at string, v any)

func (r *reader) add(at, code string, detail, fix failure.Text) {
	if len(r.faults) < maxFaults {
		r.faults = append(r.faults, Fault{at, code, detail, fix})
	}
}

func (r *reader) wrongType(at string, want failure.Text) {
	r.add(at, CodeWrongType,
		failure.Text{EN: "must be " + want.EN, ZH: "必须是" + want.ZH},
		failure.Text{EN: "write " + want.EN + ", or leave the field out", ZH: "请写成" + want.ZH + "，或省略该字段"})
}

func (r *reader) outOfRange(at, low, high string) {
	r.add(at, CodeOutOfRange,
		failure.Text{EN: fmt.Sprintf("must be from %s to %s", low, high), ZH: fmt.Sprintf("必须在 %s 到 %s 之间", low, high)},
		failure.Text{EN: fmt.Sprintf("choose a value from %s to %s", low, high), ZH: fmt.Sprintf("请填写 %s 到 %s 之间的值", low, high)})
}

// members reads an object; a member nobody knows is a fault that lists those that are known.
func (r *reader) members(known map[string]field) field {
	return func(at string, v any) {
		o, ok := v.(object)
		if !ok {
			r.wrongType(at, failure.Text{EN: "an object", ZH: "对象"})
			return
		}
		for _, m := range o {
			p := Pointer(at, m.key)
			read, ok := known[m.key]
			if !ok {
				names := make([]string, 0, len(known))
				for name := range known {
					names = append(names, name)
				}
				slices.Sort(names)
				list := strings.Join(names, ", ")
				r.add(p, CodeUnknownField,
					failure.Text{EN: "this field does not exist", ZH: "该字段不存在"},
					failure.Text{EN: "use one of: " + list, ZH: "可用字段：" + list})
				continue
			}
			r.seen[p] = true
			read(p, m.value)
		}
	}
}

// text reads a text of at most so many characters, without control characters and outer spaces.
func (r *reader) text(to *string, most int) field {
	return func(at string, v any) {
		s, ok := v.(string)
		switch {
		case !ok:
			r.wrongType(at, failure.Text{EN: "a text", ZH: "文本"})
		case utf8.RuneCountInString(s) > most:
			r.add(at, CodeOutOfRange,
				failure.Text{EN: fmt.Sprintf("is longer than %d characters", most), ZH: fmt.Sprintf("超过 %d 个字符", most)},
				failure.Text{EN: "shorten it", ZH: "请缩短"})
		case strings.ContainsFunc(s, unicode.IsControl):
			r.add(at, CodeInvalid,
				failure.Text{EN: "holds a control character such as a line break", ZH: "包含换行等控制字符"},
				failure.Text{EN: "write it on one line", ZH: "请写成一行"})
		case strings.TrimSpace(s) != s:
			r.add(at, CodeInvalid,
				failure.Text{EN: "begins or ends with a space", ZH: "开头或结尾有空格"},
				failure.Text{EN: "remove the space", ZH: "请去掉空格"})
		default:
			*to = s
		}
	}
}

// choice reads one of a few words.
func choice[T ~string](r *reader, to *T, allowed ...T) field {
	return func(at string, v any) {
		s, ok := v.(string)
		if ok && slices.Contains(allowed, T(s)) {
			*to = T(s)
			return
		}
		words := make([]string, len(allowed))
		for i, a := range allowed {
			words[i] = string(a)
		}
		list := strings.Join(words, ", ")
		code := CodeInvalid
		if !ok {
			code = CodeWrongType
		}
		r.add(at, code,
			failure.Text{EN: "must be one of: " + list, ZH: "必须是以下之一：" + list},
			failure.Text{EN: "write one of these words, or leave the field out", ZH: "请填写其中一个，或省略该字段"})
	}
}

// integer reads a whole number written in digits.
func (r *reader) integer(low, high int64, keep func(int64)) field {
	return func(at string, v any) {
		n, ok := v.(json.Number)
		if !ok || strings.ContainsAny(n.String(), ".eE") {
			r.wrongType(at, failure.Text{EN: "a whole number in digits", ZH: "用数字书写的整数"})
			return
		}
		i, err := strconv.ParseInt(n.String(), 10, 64)
		if err != nil || i < low || i > high {
			r.outOfRange(at, strconv.FormatInt(low, 10), strconv.FormatInt(high, 10))
			return
		}
		keep(i)
	}
}

func (r *reader) whole(to *int, low, high int64) field {
	return r.integer(low, high, func(i int64) { *to = int(i) })
}

// number reads a number with or without a fraction.
func (r *reader) number(to *float64, low, high float64) field {
	return func(at string, v any) {
		n, ok := v.(json.Number)
		if !ok {
			r.wrongType(at, failure.Text{EN: "a number", ZH: "数字"})
			return
		}
		f, err := n.Float64()
		if err != nil || math.IsNaN(f) || f < low || f > high {
			r.outOfRange(at, strconv.FormatFloat(low, 'f', -1, 64), strconv.FormatFloat(high, 'f', -1, 64))
			return
		}
		*to = f
	}
}

func (r *reader) flag(keep func(bool)) field {
	return func(at string, v any) {
		b, ok := v.(bool)
		if !ok {
			r.wrongType(at, failure.Text{EN: "true or false", ZH: " true 或 false"})
			return
		}
		keep(b)
	}
}

// duration reads a text like "60s".
func (r *reader) duration(to *Duration, low, high time.Duration) field {
	return func(at string, v any) {
		s, ok := v.(string)
		d, err := time.ParseDuration(s)
		if !ok || err != nil {
			r.add(at, CodeWrongType,
				failure.Text{EN: "must be a duration with its unit", ZH: "必须是带单位的时长"},
				failure.Text{EN: `write it like "500ms", "60s" or "5m"`, ZH: `请写成 "500ms"、"60s" 或 "5m" 的形式`})
			return
		}
		if d < low || d > high {
			r.outOfRange(at, low.String(), high.String())
			return
		}
		*to = Duration(d)
	}
}
