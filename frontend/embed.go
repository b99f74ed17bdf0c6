// Package frontend carries the built web pages inside the binary. It knows nothing about HTTP.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist is the built pages with index.html at the top. Before `make build` has run there is no index.html.
func Dist() fs.FS {
	pages, err := fs.Sub(files, "dist")
	if err != nil { // only a malformed name can fail, and "dist" is none
		return files
	}
	return pages
}
