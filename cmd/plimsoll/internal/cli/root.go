package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plimsoll.internal/cmd/show"
)

// Command is one command of the tree.
type Command = *cobra.Command

// defaultServer is where `plimsoll up` listens unless told otherwise.
const defaultServer = "http://127.0.0.1:8080"

func (a *App) execute(ctx context.Context, extra []func(*App) Command) error {
	root := a.root()
	for _, command := range extra {
		root.AddCommand(command(a))
	}
	root.AddCommand(a.tests(), a.trace(), a.login(), a.logout(), a.register(), a.version(), a.exitCodes())
	a.finish(root)
	root.SetArgs(a.Args)
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	return root.ExecuteContext(ctx)
}

func (a *App) root() Command {
	l := a.Lang
	root := &cobra.Command{
		Use:   "plimsoll",
		Short: l.Say("Measure LLM inference servers", "测量大模型推理服务的性能"),
		Example: `  plimsoll up
  plimsoll tests run -f spec.yaml --wait
  plimsoll tests list --json`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	f := root.PersistentFlags()
	f.StringVar(&a.server, "server", "", l.Say("address of the server (PLIMSOLL_SERVER, else "+defaultServer+")",
		"服务器地址（PLIMSOLL_SERVER，默认 "+defaultServer+"）"))
	f.BoolVar(&a.json, "json", false, l.Say("print JSON", "输出 JSON"))
	f.BoolVarP(&a.quiet, "quiet", "q", false, l.Say("no progress and no remarks", "不显示进度与提示"))
	f.BoolVar(&a.noAsk, "no-input", false, l.Say("never ask", "从不询问"))
	f.String("lang", "", l.Say("language: en or zh (default from LC_ALL, LANG)", "语言：en 或 zh（默认取自 LC_ALL、LANG）"))
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if v, _ := cmd.Flags().GetString("lang"); v != "" && v != string(show.English) && v != string(show.Chinese) {
			return a.Usage("--lang must be en or zh", "--lang 只能是 en 或 zh")
		}
		return nil
	}
	return root
}

// finish gives every command the same manners.
func (a *App) finish(c Command) {
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &Error{Code: ExitUsage, What: a.flagFault(err), Fix: cmd.CommandPath() + " --help"}
	})
	if a.Lang == show.Chinese {
		c.SetUsageTemplate(chinese.Replace(c.UsageTemplate()))
	}
	group := c.HasSubCommands()
	for _, sub := range c.Commands() {
		a.finish(sub)
	}
	if !group {
		return
	}
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return a.unknownCommand(cmd, args[0])
		}
		return cmd.Help()
	}
}

func (a *App) unknownCommand(cmd Command, name string) error {
	fix := cmd.CommandPath() + " --help"
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		fix = a.Lang.Say("did you mean ", "是否想用 ") + cmd.CommandPath() + " " + strings.Join(near, ", ") + a.Lang.Say("?", "？")
	}
	return &Error{Code: ExitUsage, What: a.Lang.Say("unknown command ", "未知命令 ") + name, Fix: fix}
}

// flagFault says in the person's language what is wrong with a flag.
func (a *App) flagFault(err error) string {
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return a.Lang.Say("unknown flag ", "未知选项 ") + dashed(unknown.GetSpecifiedName())
	case errors.As(err, &missing):
		return a.Lang.Say("a value is missing for ", "缺少取值：") + dashed(missing.GetSpecifiedName())
	case errors.As(err, &invalid):
		return a.Lang.Say("wrong value for --", "取值有误：--") + invalid.GetFlag().Name +
			a.Lang.Say("; it must be: ", "；应为：") + invalid.GetFlag().Value.Type()
	}
	return err.Error()
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// chinese are the words of cobra's own usage text.
var chinese = strings.NewReplacer(
	"Usage:", "用法：", "Aliases:", "别名：", "Examples:", "示例：", "Available Commands:", "可用命令：",
	"Additional Commands:", "其他命令：", "Global Flags:", "全局选项：", "Flags:", "选项：",
	"Additional help topics:", "更多帮助主题：", "[command]", "[命令]",
	`Use "`, `运行 "`, `" for more information about a command.`, `" 查看某个命令的详细说明。`,
)

// args checks how many arguments a command gets; what names them.
func (a *App) args(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		if most == 0 {
			return &Error{Code: ExitUsage, What: a.Lang.Say("this command takes no arguments", "此命令不接受参数"), Fix: cmd.CommandPath() + " --help"}
		}
		return &Error{
			Code: ExitUsage, What: fmt.Sprintf(a.Lang.Say("%d arguments given, wanted: %s", "给出了 %d 个参数，需要：%s"), len(args), what), Fix: cmd.UseLine(),
		}
	}
}

func (a *App) exitCodes() Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: a.Lang.Say("What the exit codes mean", "退出码的含义"),
		Long:  exitTable(a.Lang),
	}
}

// NoArgs refuses arguments.
func (a *App) NoArgs() cobra.PositionalArgs { return a.args(0, 0, "") }
