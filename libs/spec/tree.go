package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"plimsoll.internal/libs/failure"
)

// MaxBytes bounds a document: a prompt of a MiB, escaped at its worst, fits.
const MaxBytes = 8 << 20

// object is a JSON object with its members in the order they were written.
type object []member

type member struct {
	key   string
	value any // object, []any, string, json.Number, bool or nil
}

// readTree turns a document into values; a document that is not readable is one fault, and keys that come
// twice are one fault each.
func readTree(document []byte) (any, []Fault) {
	if len(document) > MaxBytes {
		return nil, []Fault{{
			Code: CodeOutOfRange, Detail: failure.Text{EN: "the document is larger than 8 MiB", ZH: "文档大于 8 MiB"},
			Fix: failure.Text{EN: "shorten the prompt text", ZH: "请缩短提示词文本"},
		}}
	}
	if !utf8.Valid(document) {
		return nil, []Fault{{
			Code: CodeSyntax, Detail: failure.Text{EN: "the document is not UTF-8", ZH: "文档不是 UTF-8 编码"},
			Fix: failure.Text{EN: "save it as UTF-8", ZH: "请以 UTF-8 编码保存"},
		}}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(document, &whole); err != nil {
		return nil, []Fault{syntaxFault(document, err)}
	}
	t := treeReader{dec: json.NewDecoder(bytes.NewReader(document))}
	t.dec.UseNumber()
	v, err := t.value("")
	if err != nil {
		return nil, []Fault{syntaxFault(document, err)}
	}
	return v, t.faults
}

// syntaxFault says where the document stops being JSON.
func syntaxFault(document []byte, err error) Fault {
	line, column := 1, 1
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := document[:min(max(int(syntax.Offset)-1, 0), len(document))]
		line += bytes.Count(before, []byte("\n"))
		column += utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	}
	return Fault{
		Code: CodeSyntax,
		Detail: failure.Text{
			EN: fmt.Sprintf("this is not one JSON document: it breaks at line %d, column %d", line, column),
			ZH: fmt.Sprintf("这不是一个完整的 JSON 文档：在第 %d 行第 %d 列出错", line, column),
		},
		Fix: failure.Text{EN: "correct the JSON there; nothing may follow the document", ZH: "请修正该处的 JSON；文档之后不能再有其他内容"},
	}
}

type treeReader struct {
	dec    *json.Decoder
	faults []Fault
}

func (t *treeReader) value(at string) (any, error) {
	token, err := t.dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return t.object(at)
	case json.Delim('['):
		return t.array(at)
	}
	return token, nil
}

func (t *treeReader) object(at string) (any, error) {
	o := object{}
	seen := map[string]bool{}
	for t.dec.More() {
		token, err := t.dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // the decoder allows nothing else here
		v, err := t.value(at + "/" + escape(key))
		if err != nil {
			return nil, err
		}
		if seen[key] {
			if len(t.faults) < maxFaults {
				t.faults = append(t.faults, duplicateFault(Pointer(at, key)))
			}
			continue
		}
		seen[key] = true
		o = append(o, member{key, v})
	}
	_, err := t.dec.Token() // the closing brace
	return o, err
}

func (t *treeReader) array(at string) (any, error) {
	a := []any{}
	for t.dec.More() {
		v, err := t.value(fmt.Sprintf("%s/%d", at, len(a)))
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := t.dec.Token() // the closing bracket
	return a, err
}

func duplicateFault(at string) Fault {
	return Fault{
		Pointer: at, Code: CodeDuplicate,
		Detail: failure.Text{EN: "the field is written twice", ZH: "该字段出现了两次"},
		Fix:    failure.Text{EN: "keep one of them", ZH: "请只保留一个"},
	}
}

// maxKey bounds the part of a key that is repeated to the reader (characters).
const maxKey = 64

// escape writes a key as a token of a JSON pointer (RFC 6901).
func escape(key string) string {
	if utf8.RuneCountInString(key) > maxKey {
		key = string([]rune(key)[:maxKey]) + "…"
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// Pointer is the JSON pointer of a member below a pointer.
func Pointer(at, key string) string { return at + "/" + escape(key) }
