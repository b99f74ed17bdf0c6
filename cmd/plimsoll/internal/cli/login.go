package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"plimsoll.internal/libs/api"
)

// who is the name and password a person gives.
type who struct {
	name  string
	stdin bool
}

func (w *who) flags(a *App, c Command) {
	c.Flags().StringVar(&w.name, "name", "", a.Lang.Say("name of the account", "账户名"))
	c.Flags().BoolVar(&w.stdin, "password-stdin", false, a.Lang.Say("read the password from standard input", "从标准输入读取密码"))
}

func (a *App) login() Command {
	var w who
	c := &cobra.Command{
		Use:   "login",
		Short: a.Lang.Say("Sign in and keep the session", "登录并保存会话"),
		Example: `  plimsoll login --name captain
  plimsoll login --name captain --password-stdin < password.txt`,
		Args: a.args(0, 0, ""),
	}
	w.flags(a, c)
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		server, client, err := a.stranger()
		if err != nil {
			return err
		}
		name, password, err := a.askWho(w, false)
		if err != nil {
			return err
		}
		res, err := client.LoginWithResponse(cmd.Context(), api.LoginJSONRequestBody{Name: name, Password: password})
		if err != nil {
			return err
		}
		s, err := answered(res.JSON200, res.HTTPResponse, res.Body)
		if err != nil {
			return err
		}
		return a.welcome(server, s)
	}
	return c
}

func (a *App) register() Command {
	var w who
	var file string
	c := &cobra.Command{
		Use:   "register",
		Short: a.Lang.Say("Make an account: the first with the bootstrap token, later ones as admin", "创建账户：首个账户使用引导令牌，之后由管理员创建"),
		Example: `  plimsoll register --name captain --bootstrap-token-file plimsoll-data/bootstrap-token
  plimsoll register --name mate --password-stdin < password.txt`,
		Args: a.args(0, 0, ""),
	}
	w.flags(a, c)
	c.Flags().StringVar(&file, "bootstrap-token-file", "", a.Lang.Say("file with the token of the first start", "存放首次启动令牌的文件"))
	c.RunE = func(cmd *cobra.Command, _ []string) error { return a.registerAs(cmd.Context(), w, file) }
	return c
}

func (a *App) registerAs(ctx context.Context, w who, file string) error {
	server, client, err := a.stranger()
	if err != nil {
		return err
	}
	body := api.RegisterJSONRequestBody{}
	if file != "" {
		token, err := os.ReadFile(file)
		if err != nil {
			return &Error{Code: ExitUsage, What: a.Lang.Say("read the bootstrap token", "读取引导令牌"), Err: err}
		}
		text := strings.TrimSpace(string(token))
		body.BootstrapToken = &text
	} else if client, err = a.client(); err != nil { // as the admin who is signed in
		return err
	}
	if body.Name, body.Password, err = a.askWho(w, true); err != nil {
		return err
	}
	res, err := client.RegisterWithResponse(ctx, body)
	if err != nil {
		return err
	}
	s, err := answered(res.JSON201, res.HTTPResponse, res.Body)
	if err != nil {
		return err
	}
	if file == "" { // the admin stays signed in as before
		return a.tellUser(s.User, a.Lang.Say("made account", "已创建账户"))
	}
	return a.welcome(server, s)
}

func (a *App) logout() Command {
	return &cobra.Command{
		Use:   "logout",
		Short: a.Lang.Say("End the session", "退出登录"),
		Args:  a.args(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			server, client, err := a.stranger()
			if err != nil {
				return err
			}
			sessions := sessionFile(a.sessionPath())
			unlock, err := sessions.lock()
			if err != nil {
				return err
			}
			defer unlock()
			kept, err := sessions.load(server)
			if err != nil || kept.RefreshToken == "" {
				return err
			}
			res, err := client.LogoutWithResponse(cmd.Context(), api.LogoutJSONRequestBody{RefreshToken: &kept.RefreshToken})
			if err == nil {
				err = refused(res.HTTPResponse, res.Body)
			}
			return errors.Join(sessions.save(server, nil), err)
		},
	}
}

// stranger is a client without an account.
func (a *App) stranger() (server string, c *api.ClientWithResponses, err error) {
	if server, err = a.serverURL(); err != nil {
		return "", nil, err
	}
	if u, err := url.Parse(server); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) {
		a.Say("warning: %s is not encrypted; the password can be read on the way", "警告：%s 未加密，密码可能在传输途中被读取", server)
	}
	c, err = a.clientWith(server, nil)
	return server, c, err
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// welcome keeps a new session.
func (a *App) welcome(server string, s api.Session) error {
	sessions := sessionFile(a.sessionPath())
	unlock, err := sessions.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := sessions.save(server, &s); err != nil {
		return err
	}
	return a.tellUser(s.User, a.Lang.Say("signed in as", "已登录："))
}

func (a *App) tellUser(u api.User, what string) error {
	if a.json {
		return a.PrintJSON(u)
	}
	_, err := fmt.Fprintf(a.Out, "%s %s (%s)\n", what, u.Name, u.Role)
	return err
}

// askWho returns name and password: from flags and standard input, else from the person.
func (a *App) askWho(w who, twice bool) (name, password string, err error) {
	missing := func(flag string) error {
		return a.Usage("nobody is there to ask: give %s", "无法交互输入，请使用 %s", flag)
	}
	name = w.name
	if name == "" {
		if w.stdin || !a.asks() {
			return "", "", missing("--name")
		}
		if name, err = a.ask(a.Lang.Say("Name: ", "账户名：")); err != nil {
			return "", "", err
		}
	}
	if w.stdin {
		data, err := io.ReadAll(io.LimitReader(a.In, 4096))
		if err != nil {
			return "", "", fmt.Errorf("read password: %w", err)
		}
		return name, strings.TrimRight(string(data), "\r\n"), nil
	}
	if !a.asks() {
		return "", "", missing("--password-stdin")
	}
	if password, err = a.askSecret(a.Lang.Say("Password: ", "密码：")); err != nil || !twice {
		return name, password, err
	}
	again, err := a.askSecret(a.Lang.Say("Again: ", "再次输入："))
	if err == nil && again != password {
		err = a.Usage("the two passwords differ", "两次输入的密码不一致")
	}
	return name, password, err
}

func (a *App) ask(question string) (string, error) {
	_, _ = io.WriteString(a.Err, question)
	line, err := bufio.NewReader(a.In).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("read answer: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// askSecret asks without showing what is typed.
func (a *App) askSecret(question string) (string, error) {
	file, ok := a.In.(*os.File)
	if !ok {
		return "", a.Usage("nobody is there to ask: give --password-stdin", "无法交互输入，请使用 --password-stdin")
	}
	_, _ = io.WriteString(a.Err, question)
	secret, err := term.ReadPassword(int(file.Fd()))
	_, _ = io.WriteString(a.Err, "\n")
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return string(secret), nil
}
