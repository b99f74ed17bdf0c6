package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll.internal/libs/api"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/libs/spec/yamlspec"
)

// longestSpec bounds the document, in bytes.
const longestSpec = 1 << 20

// order is how a test is asked for.
type order struct {
	patience
	file, key string
	wait, dry bool
}

func (a *App) run() Command {
	var o order
	l := a.Lang
	c := &cobra.Command{
		Use:   "run",
		Short: l.Say("Ask for a test: a document, flags, or both", "提交测试：使用文档、选项或两者结合"),
		Example: `  plimsoll tests run -f spec.yaml --wait
  plimsoll tests run --model qwen2.5-7b-instruct --url http://127.0.0.1:8000/v1 --input-length 1024 --output-length 256 --concurrency 1,8,64
  plimsoll tests run -f spec.yaml --dry-run --json`,
		Args: a.args(0, 0, ""),
	}
	f := c.Flags()
	f.StringVarP(&o.file, "file", "f", "", l.Say("document in YAML or JSON; - is standard input", "YAML 或 JSON 文档；- 表示标准输入"))
	f.BoolVar(&o.wait, "wait", false, l.Say("wait for the end and print the result", "等待结束并输出结果"))
	f.BoolVar(&o.dry, "dry-run", false, l.Say("only check the document and show the plan", "只检查文档并显示计划"))
	f.StringVar(&o.key, "idempotency-key", "", l.Say("asking twice with the same key starts one test", "相同的键只会启动一个测试"))
	o.flags(a, c)
	fields := specFlags(a, c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		document, err := a.document(o.file, cmd, fields)
		if err != nil {
			return err
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		if o.dry {
			return a.dryRun(cmd.Context(), client, document)
		}
		return a.place(cmd.Context(), client, document, o)
	}
	return c
}

// place asks for the test, and waits for it when told to.
func (a *App) place(ctx context.Context, client *api.ClientWithResponses, document json.RawMessage, o order) error {
	if o.key == "" {
		o.key = rand.Text()
	}
	res, err := client.RunTestWithResponse(ctx, &api.RunTestParams{IdempotencyKey: &o.key}, document)
	if err != nil {
		return err
	}
	t, err := answered(res.JSON202, res.HTTPResponse, res.Body)
	if err != nil {
		return err
	}
	if !o.wait {
		return a.accepted(t)
	}
	a.Say("test %s", "测试 %s", t.Id)
	return a.waitFor(ctx, client, t.Id, o.patience)
}

func (a *App) accepted(t api.Test) error {
	if a.json {
		return a.PrintJSON(t)
	}
	if _, err := fmt.Fprintln(a.Out, t.Id); err != nil {
		return err
	}
	a.Say("accepted; follow it with: plimsoll tests wait %s", "已提交；跟踪：plimsoll tests wait %s", t.Id)
	return nil
}

func (a *App) dryRun(ctx context.Context, client *api.ClientWithResponses, document json.RawMessage) error {
	yes := true
	res, err := client.RunTestWithResponse(ctx, &api.RunTestParams{DryRun: &yes}, document)
	if err != nil {
		return err
	}
	plan, err := answered(res.JSON200, res.HTTPResponse, res.Body)
	if err != nil {
		return err
	}
	if a.json {
		return a.PrintJSON(plan)
	}
	_, err = fmt.Fprintf(a.Out, a.Lang.Say("%d levels, %d loops, %d requests\n%s\n", "%d 个级别，%d 轮，%d 个请求\n%s\n"),
		len(plan.Plan.Levels), plan.Plan.Loops, plan.Requests, plan.Command)
	for _, w := range plan.Warnings {
		a.Say("warning: %s", "警告：%s", w)
	}
	return err
}

// document is the file with the flags laid over it.
func (a *App) document(file string, cmd Command, fields []specFlag) (json.RawMessage, error) {
	fix := cmd.CommandPath() + " --help"
	doc := map[string]json.RawMessage{}
	if file != "" {
		data, err := a.readSpec(file)
		if err != nil {
			return nil, err
		}
		if doc, err = objectOf(data); err != nil {
			return nil, a.documentFault(file, err)
		}
	}
	for _, f := range fields {
		if !cmd.Flags().Changed(f.flag) {
			continue
		}
		if err := f.lay(doc); err != nil {
			return nil, &Error{Code: ExitUsage, What: "--" + f.flag, Err: err, Fix: fix}
		}
	}
	if len(doc) == 0 {
		return nil, &Error{Code: ExitUsage, What: a.Lang.Say("nothing is asked: give a document with -f, or flags", "没有测试内容：请用 -f 指定文档，或使用选项"), Fix: fix}
	}
	return json.Marshal(doc)
}

func (a *App) readSpec(file string) ([]byte, error) {
	from := a.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, &Error{Code: ExitUsage, What: a.Lang.Say("read the document", "读取文档"), Err: err}
		}
		defer f.Close() //nolint:errcheck // only read
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, longestSpec+1))
	if err != nil {
		return nil, &Error{Code: ExitUsage, What: a.Lang.Say("read the document", "读取文档"), Err: err}
	}
	if len(data) > longestSpec {
		return nil, a.Usage("the document is larger than 1 MiB", "文档超过 1 MiB")
	}
	return data, nil
}

// objectOf reads YAML, of which JSON is a part. Numbers keep the spelling of the document.
func objectOf(data []byte) (map[string]json.RawMessage, error) {
	text := bytes.TrimSpace(data)
	if !bytes.HasPrefix(text, []byte("{")) || !json.Valid(text) {
		var err error
		if text, err = yamlspec.ToJSON(data); err != nil {
			return nil, err
		}
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, errors.New("not a document with fields")
	}
	return doc, nil
}

func (a *App) documentFault(file string, err error) error {
	var faults *spec.Faults
	if errors.As(err, &faults) {
		var lines []string
		for _, f := range faults.List {
			lines = append(lines, strings.TrimSpace(f.Pointer+" "+a.Lang.Say(f.Detail.EN, f.Detail.ZH)+a.Lang.Say("; ", "；")+a.Lang.Say(f.Fix.EN, f.Fix.ZH)))
		}
		err = errors.New(strings.Join(lines, " | "))
	}
	return &Error{Code: ExitUsage, What: file, Err: err}
}
