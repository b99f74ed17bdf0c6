// Package generator is the command that installs and checks evalscope, which makes the load.
package generator

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"plimsoll.internal/cmd/plimsoll/internal/cli"
	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/failure"
)

// Folder is where the environment is kept unless told otherwise.
func Folder(a *cli.App) string {
	base := a.Env("XDG_DATA_HOME")
	if base == "" {
		base = filepath.Join(a.Env("HOME"), ".local", "share")
	}
	return filepath.Join(base, "plimsoll", "evalscope")
}

// Python is the interpreter of the environment in dir, "" for the folder that is the default.
func Python(a *cli.App, dir string) string {
	if dir == "" {
		dir = Folder(a)
	}
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return evalscope.PythonIn(dir)
}

// Command is `plimsoll evalscope`.
func Command(a *cli.App) cli.Command {
	c := &cobra.Command{
		Use:   "evalscope",
		Short: a.Lang.Say("Install and check evalscope, which makes the load", "安装与检查 evalscope（负载生成器）"),
	}
	c.AddCommand(install(a), check(a))
	return c
}

func install(a *cli.App) cli.Command {
	var o evalscope.InstallOptions
	l := a.Lang
	c := &cobra.Command{
		Use:   "install",
		Short: l.Say("Make a Python environment with evalscope in it", "创建包含 evalscope 的 Python 环境"),
		Example: `  plimsoll evalscope install
  plimsoll evalscope install --dir .evalscope --find-links wheels/`,
		Args: a.NoArgs(),
	}
	c.Flags().StringVar(&o.Dir, "dir", Folder(a), l.Say("folder of the environment", "环境目录"))
	c.Flags().StringVar(&o.Version, "version", evalscope.DefaultVersion, l.Say("version of evalscope", "evalscope 版本"))
	c.Flags().StringVar(&o.FindLinks, "find-links", "", l.Say("folder of wheels; nothing is fetched from the network", "wheel 目录；不访问网络"))
	c.Flags().StringVar(&o.Python, "python", "", l.Say("interpreter to start from (default the first that is new enough)", "基础 Python 解释器（默认为第一个版本足够新的）"))
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Log = a.Err
		if err := evalscope.Install(cmd.Context(), o); err != nil {
			return explain(a, err)
		}
		return tell(cmd, a, Python(a, o.Dir))
	}
	return c
}

func check(a *cli.App) cli.Command {
	var dir, python string
	l := a.Lang
	c := &cobra.Command{
		Use:   "check",
		Short: l.Say("Say which evalscope is there", "查看已安装的 evalscope"),
		Args:  a.NoArgs(),
	}
	c.Flags().StringVar(&dir, "dir", Folder(a), l.Say("folder of the environment", "环境目录"))
	c.Flags().StringVar(&python, "python", a.Env("PLIMSOLL_EVALSCOPE_PYTHON"), l.Say("interpreter, instead of --dir (PLIMSOLL_EVALSCOPE_PYTHON)", "解释器，代替 --dir (PLIMSOLL_EVALSCOPE_PYTHON)"))
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if python == "" || cmd.Flags().Changed("dir") {
			python = Python(a, dir)
		}
		return tell(cmd, a, python)
	}
	return c
}

// tell prints what is there; it is an error when it cannot be used.
func tell(cmd cli.Command, a *cli.App, python string) error {
	s, err := evalscope.Check(cmd.Context(), python)
	if err != nil {
		return explain(a, err)
	}
	if a.JSON() {
		err = a.PrintJSON(s)
	} else {
		_, err = fmt.Fprintf(a.Out, "evalscope %s, Python %s, %s\n", orDash(s.Evalscope), s.PythonVersion, s.Python)
	}
	if err != nil {
		return err
	}
	for _, p := range s.Problems {
		a.Say("problem: %s", "问题：%s", show.Clean(p))
	}
	if !s.Usable() {
		return &cli.Error{
			Code: cli.ExitNotFound, What: a.Lang.Say("evalscope cannot be used", "evalscope 不可用"), Fix: "plimsoll evalscope install",
		}
	}
	return nil
}

// explain adds the advice that a failure carries.
func explain(a *cli.App, err error) error {
	var f *failure.Failure
	if !errors.As(err, &f) {
		return &cli.Error{Code: cli.ExitUnexpected, What: "evalscope", Err: err}
	}
	code := cli.ExitUnexpected
	if f.Class == failure.GeneratorMissing {
		code = cli.ExitNotFound
	}
	return &cli.Error{Code: code, What: f.Message, Fix: a.Lang.Say(f.Advice.EN, f.Advice.ZH)}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
