package preflight

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llm"
)

// auth opens the credential and asks for the list of models, the cheapest request that needs the key.
func auth(ctx context.Context, l *look) verdict {
	if id := l.Spec.Target.Credential; id != "" {
		key, err := l.Machine.Credential(id)
		if err != nil {
			return failed(advise(failure.New(failure.Auth, "credential %s: %v", id, err),
				"Store the credential named in target.credential where the prober and the runners read it, readable by their user alone.",
				"请在 prober 与 runner 读取的位置保存 target.credential 指定的凭据，且仅允许其运行用户读取。"))
		}
		l.key = key
	}
	r := l.request(nil, false)
	r.Timeouts.Request = max(time.Duration(l.Spec.Timeouts.Connect), 10*time.Second)
	names, status, f := l.client.Models(ctx, r)
	l.models, l.modelErr = names, f
	switch {
	case f == nil && l.key == "":
		return ok("no key is needed for the list of models")
	case f == nil:
		return ok("the key is accepted")
	case f.Class == failure.Auth:
		return failed(l.refused(status, f))
	case status == 0 || status >= http.StatusInternalServerError:
		return failed(f)
	}
	return ok("the server has no list of models to try the key on (HTTP %d); the real request will tell", status)
}

// refused tells a missing or wrong key from one that may not do this.
func (l *look) refused(status int, f *failure.Failure) *failure.Failure {
	switch {
	case status == http.StatusForbidden:
		return advise(failure.New(failure.Auth, "the key is known but may not use this: %s", f.Message),
			"Give the key access to this model, or name another credential in target.credential.",
			"请为该密钥授予此模型的访问权限，或在 target.credential 中改用其他凭据。")
	case l.key == "":
		return advise(failure.New(failure.Auth, "the server wants a key and target.credential is empty: %s", f.Message),
			"Store the server's API key as a credential and name it in target.credential.",
			"请将服务端的 API 密钥保存为凭据，并在 target.credential 中引用。")
	}
	return failure.New(failure.Auth, "the server does not accept the key of %s: %s", l.Spec.Target.Credential, f.Message)
}

// everyModel is how gateways list that they pass every name on.
const everyModel = "*"

// offered is how many names of models are shown.
const offered = 10

// model looks for the model in the server's list.
func model(_ context.Context, l *look) verdict {
	want := l.Spec.Model
	switch {
	case l.modelErr != nil:
		return warn("cannot be checked, the server has no readable list of models: %s", l.modelErr.Message)
	case len(l.models) == 0:
		return warn("cannot be checked, the server's list of models is empty")
	case slices.Contains(l.models, want):
		return ok("%s is listed", want)
	case slices.Contains(l.models, everyModel):
		return ok("the server takes every name of a model")
	}
	names := strings.Join(l.models[:min(len(l.models), offered)], ", ")
	if more := len(l.models) - offered; more > 0 {
		names += ", …"
	}
	return failed(failure.New(failure.NotFound, "the server does not offer model %q; it offers %d: %s", want, len(l.models), names))
}

// trial is the size of the real request (words in, tokens out): small, but enough to see a stream.
const trial = 8

// request sends one real request of the kind the load will send.
func request(ctx context.Context, l *look) verdict {
	t, err := l.real(ctx)
	if err == nil && t.Failure != nil && t.Failure.Class == failure.BadRequest && !l.prompt.Unforced {
		t, err = l.unforced(ctx, t)
	}
	if err != nil {
		return failed(failure.New(failure.Unknown, "%v", err))
	}
	l.answer = t
	switch {
	case t.Failure != nil:
		return failed(t.Failure)
	case l.prompt.Unforced:
		return warn("%s; the server refuses min_tokens and ignore_eos: answers end by themselves and may be shorter than output_length", l.took(t))
	case t.Model != "" && t.Model != l.Spec.Model:
		return warn("%s; the server answers as %q, asked was %q", l.took(t), t.Model, l.Spec.Model)
	case *l.Spec.Stream && !t.Streamed:
		return warn("%s; the server does not stream though it was asked to: there will be no TTFT", l.took(t))
	}
	return ok("%s", l.took(t))
}

func (l *look) real(ctx context.Context) (llm.Timeline, error) {
	body, err := l.body(trial, trial, *l.Spec.Stream)
	if err != nil {
		return llm.Timeline{}, err
	}
	return l.client.Do(ctx, l.request(body, *l.Spec.Stream)), nil
}

// unforced asks again without the fields that force the length of the answer: strict servers refuse what
// they do not know. When that is refused as well, the first answer counts.
func (l *look) unforced(ctx context.Context, first llm.Timeline) (llm.Timeline, error) {
	l.prompt.Unforced = true
	t, err := l.real(ctx)
	if err != nil || t.Failure == nil {
		return t, err
	}
	l.prompt.Unforced = false
	return first, nil
}

func (l *look) took(t llm.Timeline) string {
	if t.Streamed {
		return fmt.Sprintf("first token after %.1f ms, %d events with output in %.1f ms", ms(t.TTFT()), t.Chunks, ms(t.End.Sub(t.Sent)))
	}
	return fmt.Sprintf("answered in %.1f ms", ms(t.End.Sub(t.Sent)))
}

// tokens looks at how the server counted the real request.
func tokens(_ context.Context, l *look) verdict {
	t := l.answer
	if t.Prompt == nil || t.Source != "usage" {
		f := failure.New(failure.BadStream, "the server does not report usage: neither prompt_tokens nor completion_tokens can be known")
		return failed(advise(f,
			"Turn usage reporting on in the server (it must honour stream_options.include_usage): evalscope stops without it and the prompts cannot be made to length.",
			"请在服务端开启 usage 统计（需支持 stream_options.include_usage）：否则 evalscope 会中止，提示词也无法按长度生成。"))
	}
	if n := *t.Output; n != trial && !l.prompt.Unforced {
		return warn("asked for exactly %d tokens of output, got %d (finish_reason %q): the server does not honour min_tokens and ignore_eos, answers will not have output_length", trial, n, t.Finish)
	}
	if t.Cached != nil && *t.Cached > 0 {
		return warn("%d in, %d out, but %d prompt tokens came from a cache although the prompt was new", *t.Prompt, *t.Output, *t.Cached)
	}
	return ok("%d in, %d out", *t.Prompt, *t.Output)
}
