package evalscope

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"plimsoll.internal/libs/failure"
)

// constraints is the tested set of dependencies of DefaultVersion: evalscope pins none, and an old
// release installed a year later does not start.
//
//go:embed constraints.txt
var constraints []byte

// InstallOptions say what Install makes and where.
type InstallOptions struct {
	Dir       string    // folder of the environment; made when missing
	Version   string    // of evalscope; default DefaultVersion
	FindLinks string    // folder of wheels: nothing is fetched from an index then
	Python    string    // interpreter to start from; default the first that is new enough
	Log       io.Writer // what the installer prints; nil for nothing
}

// marker is written last into an environment; without it the environment is not complete.
type marker struct {
	Version     string `json:"evalscope"`
	Python      string `json:"python"`
	Constraints string `json:"constraints_sha256"`
}

const markerFile = "plimsoll-evalscope.json"

// Install makes a virtual environment with evalscope in it. Done before, it returns at once; an
// environment that was left half made, or holds another version, is made anew. Only one process works
// on a folder at a time, the others wait.
func Install(ctx context.Context, o InstallOptions) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if o.ready() {
		return nil
	}
	lock, err := lockFolder(ctx, o.Dir+".lock")
	if err != nil {
		return err
	}
	defer lock.release()
	if o.ready() { // another process made it while we waited
		return nil
	}
	uv, _ := exec.LookPath("uv")
	base, err := findPython(ctx, o.Python, uv == "")
	if err != nil {
		return err
	}
	if err := o.clear(lock); err != nil {
		return err
	}
	if err := lock.claim(); err != nil {
		return err
	}
	if err := o.build(ctx, installer{uv: uv, base: base}); err != nil {
		return err
	}
	return lock.settle()
}

func (o InstallOptions) withDefaults() (InstallOptions, error) {
	if o.Dir == "" {
		return o, failure.New(failure.BadRequest, "no folder to install evalscope into was given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return o, fmt.Errorf("find the folder of evalscope: %w", err)
	}
	o.Dir = dir
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	if _, ok := parseVersion(o.Version); !ok {
		return o, failure.New(failure.BadRequest, "%q is not a version of evalscope, like %s", o.Version, DefaultVersion)
	}
	if older(o.Version, MinVersion) {
		return o, failure.New(failure.BadRequest, "evalscope %s cannot be driven: %s or newer is needed", o.Version, MinVersion)
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.FindLinks == "" {
		return o, nil
	}
	if o.FindLinks, err = filepath.Abs(o.FindLinks); err != nil {
		return o, fmt.Errorf("find the folder of wheels: %w", err)
	}
	if info, err := os.Stat(o.FindLinks); err != nil || !info.IsDir() {
		return o, failure.New(failure.BadRequest, "the folder of wheels %s does not exist", o.FindLinks)
	}
	return o, nil
}

// ready looks at files only: it must be fast. An interpreter that is gone leaves a dangling link.
func (o InstallOptions) ready() bool {
	raw, err := os.ReadFile(filepath.Join(o.Dir, markerFile))
	if err != nil {
		return false
	}
	var m marker
	if json.Unmarshal(raw, &m) != nil || m.Version != o.Version {
		return false
	}
	_, err = os.Stat(PythonIn(o.Dir))
	return err == nil
}

// clear removes what is in the way, but only what is an environment or was begun as one.
func (o InstallOptions) clear(lock *folderLock) error {
	entries, err := os.ReadDir(o.Dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into %s: %w", o.Dir, err)
	}
	_, err = os.Stat(filepath.Join(o.Dir, "pyvenv.cfg"))
	if err != nil && !lock.claimed() {
		return failure.New(failure.BadRequest, "%s is neither empty nor a Python environment: give another folder", o.Dir)
	}
	fmt.Fprintf(o.Log, "removing the incomplete or outdated environment in %s\n", o.Dir)
	if err := os.RemoveAll(o.Dir); err != nil {
		return fmt.Errorf("remove the old environment: %w", err)
	}
	return nil
}

// build makes the environment, proves that it works and writes the marker.
func (o InstallOptions) build(ctx context.Context, with installer) error {
	limits, err := o.limits()
	if err != nil {
		return err
	}
	if limits != "" {
		defer os.Remove(limits)
	}
	for _, words := range with.commands(o, limits) {
		if err := o.command(ctx, words); err != nil {
			return err
		}
	}
	status, err := Check(ctx, PythonIn(o.Dir))
	if err != nil {
		return err
	}
	if !status.Usable() || status.Evalscope != o.Version {
		return failure.New(failure.GeneratorMissing, "installed, but it cannot be used: evalscope %q, %v", status.Evalscope, status.Problems)
	}
	sum := sha256.Sum256(constraints)
	raw, err := json.Marshal(marker{Version: o.Version, Python: status.PythonVersion, Constraints: hex.EncodeToString(sum[:])})
	if err != nil {
		return fmt.Errorf("write the mark of a complete environment: %w", err)
	}
	return writeWhole(filepath.Join(o.Dir, markerFile), raw)
}

// limits writes the tested set to a file for the installer; other versions have none.
func (o InstallOptions) limits() (string, error) {
	if o.Version != DefaultVersion {
		return "", nil
	}
	f, err := os.CreateTemp("", "plimsoll-constraints-*.txt")
	if err != nil {
		return "", fmt.Errorf("write the tested versions: %w", err)
	}
	_, err = f.Write(constraints)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write the tested versions: %w", err)
	}
	return f.Name(), nil
}

// writeWhole writes a file so that it is there completely or not at all.
func writeWhole(path string, raw []byte) error {
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, raw, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
