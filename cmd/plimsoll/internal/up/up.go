// Package up is the command that runs the whole platform in one process.
package up

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"plimsoll.internal/cmd/allinone"
	"plimsoll.internal/cmd/plimsoll/internal/cli"
	"plimsoll.internal/cmd/plimsoll/internal/generator"
	"plimsoll.internal/libs/folderlock"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/telemetry"
)

// options are the flags of the command.
type options struct {
	allinone.Config
	evalscopeDir string
	logLevel     string
}

// Command is `plimsoll up`.
func Command(a *cli.App) cli.Command {
	var o options
	l := a.Lang
	c := &cobra.Command{
		Use:   "up",
		Short: l.Say("Run the platform in this process until Ctrl-C", "在本进程中运行整个平台，按 Ctrl-C 停止"),
		Example: `  plimsoll up
  plimsoll up --data /srv/plimsoll --listen 127.0.0.1:9000 --nats-listen off
  plimsoll up --nats nats://broker:4222 --nats-creds plimsoll.creds`,
		Args: a.NoArgs(),
	}
	f := c.Flags()
	f.StringVar(&o.DataDir, "data", envOr(a, "PLIMSOLL_DATA", "plimsoll-data"), l.Say("folder for everything that is kept (PLIMSOLL_DATA)", "数据目录 (PLIMSOLL_DATA)"))
	f.StringVar(&o.Listen, "listen", envOr(a, "PLIMSOLL_LISTEN", "127.0.0.1:8080"), l.Say("address of UI and API (PLIMSOLL_LISTEN)", "界面与 API 的地址 (PLIMSOLL_LISTEN)"))
	f.StringVar(&o.NATSListen, "nats-listen", "127.0.0.1:4222", l.Say("address of result events for other systems; off closes it", "供其他系统订阅结果事件的地址；off 表示关闭"))
	f.StringVar(&o.NATSURL, "nats", a.Env("PLIMSOLL_NATS_URL"), l.Say("an external broker instead of the embedded one (PLIMSOLL_NATS_URL)", "使用外部 NATS，代替内嵌的 (PLIMSOLL_NATS_URL)"))
	f.StringVar(&o.NATSCreds, "nats-creds", a.Env("PLIMSOLL_NATS_CREDS"), l.Say("file with the credentials for --nats (PLIMSOLL_NATS_CREDS)", "--nats 的凭据文件 (PLIMSOLL_NATS_CREDS)"))
	f.IntVar(&o.RunnerSlots, "runner-slots", 2, l.Say("tests at once", "同时运行的测试数"))
	f.StringVar(&o.EvalscopePython, "evalscope-python", a.Env("PLIMSOLL_EVALSCOPE_PYTHON"), l.Say("interpreter of the evalscope environment (PLIMSOLL_EVALSCOPE_PYTHON)", "evalscope 环境的 Python 解释器 (PLIMSOLL_EVALSCOPE_PYTHON)"))
	f.StringVar(&o.evalscopeDir, "evalscope-dir", "", l.Say("folder of the evalscope environment (default that of plimsoll evalscope install)", "evalscope 环境目录（默认与 plimsoll evalscope install 相同）"))
	f.StringVar(&o.logLevel, "log-level", envOr(a, "PLIMSOLL_LOG_LEVEL", "info"), l.Say("debug, info, warn or error (PLIMSOLL_LOG_LEVEL)", "debug、info、warn 或 error (PLIMSOLL_LOG_LEVEL)"))
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := o.config(a)
		if err != nil {
			return err
		}
		return run(cmd.Context(), a, config)
	}
	return c
}

func envOr(a *cli.App, name, otherwise string) string {
	if v := a.Env(name); v != "" {
		return v
	}
	return otherwise
}

// config checks every flag and reports all faults at once.
func (o options) config(a *cli.App) (allinone.Config, error) {
	c := o.Config
	var faults []string
	address := func(flag, value string) {
		if _, _, err := net.SplitHostPort(value); err != nil {
			faults = append(faults, fmt.Sprintf(a.Lang.Say("%s must be host:port", "%s 应为 主机:端口"), flag))
		}
	}
	address("--listen", c.Listen)
	if c.NATSListen != "off" {
		address("--nats-listen", c.NATSListen)
	}
	if c.NATSURL != "" && !strings.Contains(c.NATSURL, "://") {
		faults = append(faults, a.Lang.Say("--nats must be an address like nats://broker:4222", "--nats 应为 nats://broker:4222 形式的地址"))
	}
	if c.NATSCreds != "" {
		if _, err := os.Stat(c.NATSCreds); err != nil {
			faults = append(faults, "--nats-creds: "+err.Error())
		}
	}
	if c.RunnerSlots < 1 || c.RunnerSlots > 64 {
		faults = append(faults, a.Lang.Say("--runner-slots must be 1 to 64", "--runner-slots 应为 1 到 64"))
	}
	level, err := telemetry.ParseLevel(o.logLevel)
	if err != nil {
		faults = append(faults, "--log-level: "+err.Error())
	}
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		faults = append(faults, "--data: "+err.Error())
	}
	if len(faults) > 0 {
		return c, &cli.Error{Code: cli.ExitUsage, What: strings.Join(faults, a.Lang.Say("; ", "；"))}
	}
	if c.EvalscopePython == "" {
		c.EvalscopePython = generator.Python(a, o.evalscopeDir)
	}
	c.DatabaseURL, c.Version = a.Env("DATABASE_URL"), service.BuildVersion()
	c.Log = telemetry.NewLogger(a.Err, level, telemetry.Format(a.Env("PLIMSOLL_LOG_FORMAT")))
	return c, nil
}

func run(ctx context.Context, a *cli.App, c allinone.Config) error {
	err := allinone.Run(ctx, c, func(i allinone.Info) { greet(a, c, i) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, folderlock.ErrHeld):
		return &cli.Error{Code: cli.ExitConflict, What: err.Error(), Fix: a.Lang.Say("stop the other one, or choose another folder with --data", "请停止另一个进程，或用 --data 选择其他目录")}
	case errors.Is(err, syscall.EADDRINUSE):
		return &cli.Error{Code: cli.ExitConflict, What: err.Error(), Fix: a.Lang.Say("choose other addresses with --listen and --nats-listen", "请用 --listen 与 --nats-listen 选择其他地址")}
	}
	return &cli.Error{Code: cli.ExitUnexpected, What: err.Error()}
}

// greet tells where everything is. The page takes the token out of the address at once.
func greet(a *cli.App, c allinone.Config, i allinone.Info) {
	if a.JSON() {
		_ = a.PrintJSON(map[string]string{
			"url": i.URL, "data": c.DataDir, "bootstrap_token": i.BootstrapToken,
			"subscriber_url": i.SubscriberURL, "subscriber_creds": i.Subscriber, "simulated_url": i.SimulatedURL,
		})
		return
	}
	line := func(en, zh, value string) {
		if value != "" {
			_, _ = fmt.Fprintf(a.Out, "  %s  %s\n", a.Lang.Say(en, zh), value)
		}
	}
	_, _ = fmt.Fprintf(a.Out, "Plimsoll %s\n", c.Version)
	line("open       ", "访问地址  ", i.URL)
	if i.BootstrapToken != "" {
		line("first user ", "首个账户  ", i.URL+"/register?token="+i.BootstrapToken)
	}
	line("data       ", "数据目录  ", c.DataDir)
	if i.SubscriberURL != "" {
		line("events     ", "结果事件  ", i.SubscriberURL+a.Lang.Say(", credentials ", "，凭据 ")+i.Subscriber)
	}
	line("simulated  ", "模拟服务  ", i.SimulatedURL)
	line("stop       ", "停止      ", "Ctrl-C")
}
