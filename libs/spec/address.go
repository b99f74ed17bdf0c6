package spec

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"plimsoll.internal/libs/failure"
)

const (
	maxURL         = 2048 // characters
	maxHeaders     = 64   // headers
	maxHeaderValue = 4096 // bytes
)

// url reads the base address of the target. The address of a fault is never repeated: it may hold a
// password.
func (r *reader) url(to *string) field {
	return func(at string, v any) {
		var s string
		before := len(r.faults)
		if r.text(&s, maxURL)(at, v); len(r.faults) > before || s == "" {
			return
		}
		u, err := url.Parse(s)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
			r.add(at, CodeInvalid,
				failure.Text{EN: "must be an absolute http or https address", ZH: "必须是完整的 http 或 https 地址"},
				failure.Text{EN: "write it like http://10.0.0.5:8000/v1", ZH: "请写成 http://10.0.0.5:8000/v1 的形式"})
		case !portFits(u):
			r.add(at, CodeInvalid,
				failure.Text{EN: "the port is not from 1 to 65535", ZH: "端口不在 1 到 65535 之间"},
				failure.Text{EN: "correct the port, or leave it out for 80 or 443", ZH: "请修正端口，或省略以使用 80 或 443"})
		case u.User != nil:
			r.add(at, CodeSecret,
				failure.Text{EN: "holds a user name or password", ZH: "包含用户名或密码"},
				failure.Text{EN: "remove it and use target.credential", ZH: "请移除，并改用 target.credential"})
		case strings.ContainsAny(s, "?#"):
			r.add(at, CodeInvalid,
				failure.Text{EN: "holds a query or a fragment", ZH: "包含查询参数或片段"},
				failure.Text{EN: "end it with the path, like …/v1; keys belong into target.credential", ZH: "请以路径结尾，如 …/v1；密钥请使用 target.credential"})
		case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/completions"):
			r.add(at, CodeInvalid,
				failure.Text{EN: "ends in the path of one API call", ZH: "以某个 API 调用的路径结尾"},
				failure.Text{EN: "give the base address, like …/v1, and choose the call with target.api", ZH: "请填写根地址，如 …/v1，并用 target.api 选择接口"})
		default:
			*to = s
		}
	}
}

func portFits(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n >= 1 && n <= 65535
}

// headers reads extra headers; those that carry secrets or belong to the request itself are refused.
func (r *reader) headers(to *map[string]string) field {
	return func(at string, v any) {
		o, ok := v.(object)
		if !ok {
			r.wrongType(at, failure.Text{EN: "an object of texts", ZH: "值为文本的对象"})
			return
		}
		if len(o) > maxHeaders {
			r.add(at, CodeOutOfRange,
				failure.Text{EN: fmt.Sprintf("holds more than %d headers", maxHeaders), ZH: fmt.Sprintf("请求头超过 %d 个", maxHeaders)},
				failure.Text{EN: "keep those the target needs", ZH: "请只保留目标需要的请求头"})
			return
		}
		kept, seen := map[string]string{}, map[string]bool{}
		for _, m := range o {
			p := Pointer(at, m.key)
			if name := strings.ToLower(m.key); seen[name] {
				r.faults = append(r.faults, duplicateFault(p))
			} else if seen[name] = true; r.header(p, name, m.value) {
				kept[m.key], _ = m.value.(string)
			}
		}
		if len(kept) > 0 {
			*to = kept
		}
	}
}

// header checks one header; name is in lower case.
func (r *reader) header(at, name string, v any) bool {
	value, ok := v.(string)
	switch {
	case !ok:
		r.wrongType(at, failure.Text{EN: "a text", ZH: "文本"})
	case !isToken(name):
		r.add(at, CodeInvalid,
			failure.Text{EN: "is not a valid header name", ZH: "不是合法的请求头名称"},
			failure.Text{EN: "use letters, digits and -", ZH: "请只使用字母、数字和 -"})
	case namesSecret(name) || looksSecret(value):
		r.add(at, CodeSecret,
			failure.Text{EN: "this header carries a secret", ZH: "该请求头携带机密信息"},
			failure.Text{EN: "remove it and use target.credential", ZH: "请移除，并改用 target.credential"})
	case ownHeader(name):
		r.add(at, CodeInvalid,
			failure.Text{EN: "this header is set by the request itself", ZH: "该请求头由请求自身设置"},
			failure.Text{EN: "remove it", ZH: "请移除"})
	case len(value) > maxHeaderValue || !isHeaderValue(value):
		r.add(at, CodeInvalid,
			failure.Text{EN: "the value is too long or holds a control character", ZH: "值过长或包含控制字符"},
			failure.Text{EN: "write at most 4096 bytes on one line", ZH: "请写成一行，最多 4096 字节"})
	default:
		return true
	}
	return false
}

func ownHeader(name string) bool {
	switch name {
	case "content-type", "content-length", "host", "connection", "transfer-encoding", "te", "trailer", "upgrade", "expect":
		return true
	}
	return false
}

func namesSecret(name string) bool {
	for _, part := range []string{"authorization", "cookie", "token", "secret", "password", "passwd", "api-key", "apikey", "api_key", "credential"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// looksSecret finds keys put into a header with a harmless name.
func looksSecret(value string) bool {
	lower := strings.ToLower(strings.TrimSpace(value))
	for _, start := range []string{"bearer ", "basic ", "sk-"} {
		if strings.HasPrefix(lower, start) {
			return true
		}
	}
	return false
}

// isToken is the token of RFC 9110.
func isToken(s string) bool {
	for _, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", c) {
			return false
		}
	}
	return s != ""
}

// isHeaderValue allows what can be written on one line.
func isHeaderValue(s string) bool {
	for _, b := range []byte(s) {
		if b < ' ' && b != '\t' || b == 0x7f {
			return false
		}
	}
	return true
}
