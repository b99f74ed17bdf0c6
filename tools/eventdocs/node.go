package main

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// object is a YAML mapping that keeps its order.
type object []entry

type entry struct {
	key   string
	value any // object, []any, []string, string, bool or int
}

// encode writes a document.
func encode(o object) ([]byte, error) {
	n, err := node(o)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return b.Bytes(), enc.Close()
}

func node(v any) (*yaml.Node, error) {
	n := &yaml.Node{}
	switch v := v.(type) {
	case object:
		n.Kind = yaml.MappingNode
		for _, e := range v {
			value, err := node(e.value)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: e.key}, value)
		}
	case []any:
		n.Kind = yaml.SequenceNode
		for _, x := range v {
			value, err := node(x)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, value)
		}
	case []string:
		n.Kind, n.Style = yaml.SequenceNode, yaml.FlowStyle
		for _, s := range v {
			var item yaml.Node
			item.SetString(s)
			n.Content = append(n.Content, &item)
		}
	default:
		if err := n.Encode(v); err != nil {
			return nil, fmt.Errorf("write %v as YAML: %w", v, err)
		}
	}
	return n, nil
}
