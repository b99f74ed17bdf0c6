// Package yamlspec turns a spec written in YAML into the JSON that package spec reads. It takes the plain
// part of YAML 1.2: mappings with text keys, lists, texts, decimal numbers, true, false, null, anchors and
// aliases. What could be read in two ways is refused rather than guessed.
package yamlspec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/spec"
)

// The limits of a document.
const (
	MaxBytes  = 2 << 20 // size of the YAML text
	maxNodes  = 20_000  // values after aliases are followed: an alias bomb ends here
	maxDepth  = 32      // nesting after aliases are followed: a cycle ends here
	maxOutput = 4 << 20 // bytes of JSON: an alias repeats what it stands for
)

// ToJSON turns one YAML document into JSON. Faults come as *spec.Faults, with the line in the text.
func ToJSON(document []byte) ([]byte, error) {
	if len(document) > MaxBytes {
		return nil, refuse("", spec.CodeOutOfRange, "the document is larger than 2 MiB", "文档大于 2 MiB", "shorten it", "请缩短")
	}
	root, err := parse(document)
	if err != nil {
		return nil, err
	}
	w := writer{}
	if err := w.node("", root, 0); err != nil {
		return nil, err
	}
	if len(w.faults) > 0 {
		return nil, &spec.Faults{List: w.faults}
	}
	return w.out.Bytes(), nil
}

// parse reads exactly one document.
func parse(document []byte) (*yaml.Node, error) {
	dec := yaml.NewDecoder(bytes.NewReader(document))
	var root yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) || err == nil && len(root.Content) == 0 {
		return nil, refuse("", spec.CodeSyntax, "the document is empty", "文档为空", "write at least model, target, input_length, output_length and concurrency", "请至少填写 model、target、input_length、output_length 和 concurrency")
	} else if err != nil {
		return nil, broken(err)
	}
	var more yaml.Node
	if err := dec.Decode(&more); err == nil {
		return nil, refuse("", spec.CodeSyntax, "there is more than one document", "包含多个文档", "keep one; remove the line ---", "请只保留一个，并删除 --- 行")
	} else if !errors.Is(err, io.EOF) {
		return nil, broken(err)
	}
	return root.Content[0], nil
}

var lineOf = regexp.MustCompile(`line (\d+)`)

// broken tells where the text stops being YAML. The parser's own words may quote the document, which may
// hold a secret, so only the line is taken from them.
func broken(err error) error {
	en, zh := "this is not YAML", "这不是合法的 YAML"
	if m := lineOf.FindStringSubmatch(err.Error()); m != nil {
		en, zh = en+": it breaks at line "+m[1], zh+"：在第 "+m[1]+" 行出错"
	}
	return refuse("", spec.CodeSyntax, en, zh, "correct the indentation and the quotes there", "请修正该处的缩进与引号")
}

func refuse(at, code, en, zh, fixEN, fixZH string) error {
	return &spec.Faults{List: []spec.Fault{{
		Pointer: at, Code: code,
		Detail: failure.Text{EN: en, ZH: zh}, Fix: failure.Text{EN: fixEN, ZH: fixZH},
	}}}
}

// writer turns nodes into JSON, noting faults and going on; only what makes no end is an error.
type writer struct {
	out    bytes.Buffer
	faults []spec.Fault
	nodes  int
}

func (w *writer) fault(at string, n *yaml.Node, code, en, zh, fixEN, fixZH string) {
	w.faults = append(w.faults, spec.Fault{
		Pointer: at, Code: code,
		Detail: failure.Text{EN: fmt.Sprintf("line %d: %s", n.Line, en), ZH: fmt.Sprintf("第 %d 行：%s", n.Line, zh)},
		Fix:    failure.Text{EN: fixEN, ZH: fixZH},
	})
}

func (w *writer) node(at string, n *yaml.Node, depth int) error {
	w.nodes++
	if w.nodes > maxNodes || depth > maxDepth || w.out.Len() > maxOutput {
		return refuse("", spec.CodeOutOfRange,
			"the document is nested too deep or repeats too much through aliases", "文档嵌套过深，或通过别名重复过多",
			"write the values out", "请直接写出各个值")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return w.node(at, n.Alias, depth+1)
	case yaml.MappingNode:
		return w.mapping(at, n, depth)
	case yaml.SequenceNode:
		return w.sequence(at, n, depth)
	}
	w.scalar(at, n)
	return nil
}

func (w *writer) mapping(at string, n *yaml.Node, depth int) error {
	w.out.WriteByte('{')
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			w.fault(at, key, spec.CodeInvalid, "a key is not a plain text", "键不是普通文本", "write the name of a field, in quotes if need be", "请写字段名，必要时加引号")
			continue
		}
		p := spec.Pointer(at, key.Value)
		if seen[key.Value] {
			w.fault(p, key, spec.CodeDuplicate, "the field is written twice", "该字段出现了两次", "keep one of them", "请只保留一个")
			continue
		}
		if len(seen) > 0 {
			w.out.WriteByte(',')
		}
		seen[key.Value] = true
		w.text(key.Value)
		w.out.WriteByte(':')
		if err := w.node(p, value, depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte('}')
	return nil
}

func (w *writer) sequence(at string, n *yaml.Node, depth int) error {
	w.out.WriteByte('[')
	for i, value := range n.Content {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if err := w.node(fmt.Sprintf("%s/%d", at, i), value, depth+1); err != nil {
			return err
		}
	}
	w.out.WriteByte(']')
	return nil
}

var (
	decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	number  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

func (w *writer) scalar(at string, n *yaml.Node) {
	switch n.ShortTag() {
	case "!!str", "!!timestamp": // JSON has no dates: they are text
		w.text(n.Value)
	case "!!null":
		w.out.WriteString("null")
	case "!!bool":
		b, err := strconv.ParseBool(strings.ToLower(n.Value))
		if err != nil {
			w.fault(at, n, spec.CodeInvalid, "this is neither true nor false", "既不是 true 也不是 false", "write true or false", "请写 true 或 false")
		}
		w.out.WriteString(strconv.FormatBool(b))
	case "!!int":
		if !decimal.MatchString(n.Value) {
			w.fault(at, n, spec.CodeInvalid, "the number can be read in two ways", "该数字有歧义", "write it in plain decimal digits, without a leading zero, sign or underscore", "请用普通十进制数字书写，不带前导零、正号或下划线")
		}
		w.out.WriteString(n.Value)
	case "!!float":
		if !number.MatchString(n.Value) {
			w.fault(at, n, spec.CodeInvalid, "this is not a plain decimal number", "这不是普通的十进制数", "write it like 0.5; infinity and NaN are not allowed", "请写成 0.5 的形式；不允许无穷大和 NaN")
		}
		w.out.WriteString(n.Value)
	default:
		w.fault(at, n, spec.CodeInvalid, "the tag is not allowed", "不允许使用该标签", "remove the tag that begins with !", "请移除以 ! 开头的标签")
	}
}

// text writes a JSON string; a string always encodes.
func (w *writer) text(s string) {
	b, _ := json.Marshal(s)
	w.out.Write(b)
}
