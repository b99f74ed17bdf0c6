package front

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// pagePolicy lets pages load what we serve, and nothing else. Components set sizes by style attributes.
const pagePolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Pages serves the built UI: files as they are, and index.html for every other path, because the UI finds
// its way by the path itself.
type Pages struct {
	files fs.FS
	known sync.Map // path → *page
}

// page is one file ready to be sent.
type page struct {
	kind         string // media type
	tag          string
	plain, small []byte // small is gzipped; nil when that does not pay
}

// NewPages checks that there is an index.html.
func NewPages(files fs.FS) (*Pages, error) {
	if _, err := fs.Stat(files, "index.html"); err != nil {
		return nil, fmt.Errorf("pages of the UI: %w (build the front end first: make build)", err)
	}
	return &Pages{files: files}, nil
}

// serve answers GET and HEAD; false means that there is no such file and nothing was written.
func (p *Pages) serve(w http.ResponseWriter, r *http.Request) bool {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	file, err := p.load(name)
	if name == "" || errors.Is(err, fs.ErrNotExist) && path.Ext(name) == "" {
		name = "index.html"
		file, err = p.load(name)
	}
	if err != nil {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("ETag", file.tag)
	h.Add("Vary", "Accept-Encoding")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-cache")
	if strings.HasPrefix(name, "assets/") { // their names carry a hash of their content
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), file.tag) {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	body := file.plain
	if file.small != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.small
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may be gone
	}
	return true
}

// load reads a file the first time it is asked for. The files are those of the build: there are few.
func (p *Pages) load(name string) (*page, error) {
	if have, ok := p.known.Load(name); ok {
		if file, ok := have.(*page); ok {
			return file, nil
		}
	}
	if info, err := fs.Stat(p.files, name); err != nil || info.IsDir() {
		return nil, fs.ErrNotExist
	}
	plain, err := fs.ReadFile(p.files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	file := &page{kind: mime.TypeByExtension(path.Ext(name)), tag: `"` + hex.EncodeToString(sum[:8]) + `"`, plain: plain}
	if file.kind == "" {
		file.kind = http.DetectContentType(plain)
	}
	if small := shrink(plain); len(small) < len(plain)*9/10 {
		file.small = small
	}
	p.known.Store(name, file)
	return file, nil
}

func shrink(plain []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return plain
	}
	if _, err := w.Write(plain); err != nil || w.Close() != nil {
		return plain
	}
	return out.Bytes()
}
