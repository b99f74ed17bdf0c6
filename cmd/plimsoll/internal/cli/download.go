package cli

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll.internal/libs/api"
)

// wish is which file of a test is wanted, and where.
type wish struct {
	id, artifact, out string
	force             bool
}

func (a *App) download() Command {
	var w wish
	var list bool
	l := a.Lang
	c := &cobra.Command{
		Use:   "download ID",
		Short: l.Say("Save the workbook, or another file of a test", "下载测试的工作簿或其他文件"),
		Example: `  plimsoll tests download ID --out reports/
  plimsoll tests download ID --list
  plimsoll tests download ID --artifact report.json --out - | jq .`,
		Args: a.args(1, 1, "ID"),
	}
	c.Flags().StringVarP(&w.out, "out", "o", ".", l.Say("folder or file; - is standard output", "目录或文件；- 表示标准输出"))
	c.Flags().StringVar(&w.artifact, "artifact", "", l.Say("name of the file (default the workbook)", "文件名（默认为工作簿）"))
	c.Flags().BoolVar(&w.force, "force", false, l.Say("replace a file that is there", "覆盖已有文件"))
	c.Flags().BoolVar(&list, "list", false, l.Say("list the files instead", "只列出文件"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		w.id = args[0]
		if list {
			return a.listFiles(cmd.Context(), client, w.id)
		}
		return a.save(cmd.Context(), client, w)
	}
	return c
}

func (a *App) listFiles(ctx context.Context, client *api.ClientWithResponses, id string) error {
	res, err := client.ListArtifactsWithResponse(ctx, id)
	if err != nil {
		return err
	}
	got, err := answered(res.JSON200, res.HTTPResponse, res.Body)
	if err != nil {
		return err
	}
	if a.json {
		return a.PrintJSON(append([]api.Artifact{}, got.Items...))
	}
	for _, f := range got.Items {
		if _, err := fmt.Fprintln(a.Out, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// save writes the file whole or not at all, checked against the digest the server gives.
func (a *App) save(ctx context.Context, client *api.ClientWithResponses, w wish) error {
	var res *http.Response
	var err error
	if w.artifact == "" {
		res, err = opened(client.DownloadWorkbook(ctx, w.id))
	} else {
		res, err = opened(client.DownloadArtifact(ctx, w.id, w.artifact))
	}
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only read
	if w.out == "-" {
		_, err := receive(a.Out, res)
		return err
	}
	path, err := target(w, res.Header)
	if err != nil {
		return err
	}
	digest, size, err := receiveFile(path, res, w.force)
	if errors.Is(err, fs.ErrExist) {
		return &Error{Code: ExitConflict, What: a.Lang.Say("there is a file already: ", "文件已存在：") + path, Fix: "--force, --out"}
	}
	if err != nil {
		return err
	}
	if a.json {
		return a.PrintJSON(map[string]any{"path": path, "size_bytes": size, "digest": "sha256:" + digest})
	}
	_, err = fmt.Fprintln(a.Out, path)
	return err
}

// target is the path to write; the name the server gives never leaves the folder.
func target(w wish, h http.Header) (string, error) {
	info, err := os.Stat(w.out)
	folder := strings.HasSuffix(w.out, "/") || err == nil && info.IsDir()
	if !folder {
		return w.out, nil
	}
	name := w.artifact
	if _, params, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		name = params["filename"]
	}
	name = filepath.Base(filepath.Clean("/" + strings.ReplaceAll(name, `\`, "/")))
	if name == "/" || strings.HasPrefix(name, ".") {
		name = w.id + ".xlsx"
	}
	if err := os.MkdirAll(w.out, 0o755); err != nil { //nolint:gosec // results are no secret on this machine
		return "", fmt.Errorf("make folder for the file: %w", err)
	}
	return filepath.Join(w.out, name), nil
}

func receiveFile(path string, res *http.Response, force bool) (digest string, size int64, err error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return "", 0, fs.ErrExist
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return "", 0, fmt.Errorf("write file: %w", err)
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // moved away when all went well
	digest, err = receive(temp, res)
	if err != nil {
		_ = temp.Close()
		return "", 0, err
	}
	size, sizeErr := temp.Seek(0, io.SeekCurrent)
	if err := errors.Join(sizeErr, temp.Chmod(0o644), temp.Sync(), temp.Close()); err != nil {
		return "", 0, fmt.Errorf("write file: %w", err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return "", 0, fmt.Errorf("write file: %w", err)
	}
	return digest, size, nil
}

// receive copies a body and compares it with the Digest header, when there is one.
func receive(to io.Writer, res *http.Response) (digest string, err error) {
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), res.Body); err != nil {
		return "", fmt.Errorf("download: %w", err)
	}
	if name, want, named := strings.Cut(res.Header.Get("Digest"), "="); named && strings.EqualFold(name, "sha-256") {
		raw, err := base64.StdEncoding.DecodeString(strings.Trim(want, ":"))
		if err != nil || string(raw) != string(sum.Sum(nil)) {
			return "", &Error{Code: ExitUnexpected, What: "the file was damaged on the way: its digest differs"}
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
