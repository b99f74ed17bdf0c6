// Command archcheck holds every import of the workspace against the table in table.go. It prints each wrong
// edge, and each rule about a package that does not exist, and ends with 1 if there is one.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

const prefix = "plimsoll.internal/"

// listed is one package as go list tells it; paths of ours are without the prefix.
type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func main() {
	packages, err := list()
	if err != nil {
		fmt.Fprintln(os.Stderr, "archcheck:", err)
		os.Exit(1)
	}
	faults := check(packages, table, reserved)
	for _, f := range faults {
		fmt.Println(f)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}

// list asks go for every package of the workspace.
func list() ([]listed, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "work")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list work: %w\n%s", err, stderr.String())
	}
	var packages []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		packages = append(packages, short(p))
	}
}

// short takes the prefix off our own paths.
func short(p listed) listed {
	p.ImportPath = strings.TrimPrefix(p.ImportPath, prefix)
	for _, imports := range [][]string{p.Imports, p.TestImports, p.XTestImports} {
		for i := range imports {
			if rest, ours := strings.CutPrefix(imports[i], prefix); ours {
				imports[i] = "~" + rest
			}
		}
	}
	return p
}

// check returns every wrong edge and every rule that names nothing. Imports of ours begin with ~.
func check(packages []listed, table []rule, reserved []only) []string {
	var faults []string
	for _, p := range packages {
		r, ok := ruleOf(p.ImportPath, table)
		if !ok {
			faults = append(faults, p.ImportPath+": has no line in the table of tools/archcheck")
			continue
		}
		for _, i := range p.Imports {
			if why := wrong(p.ImportPath, i, r, reserved); why != "" {
				faults = append(faults, fmt.Sprintf("%s: may not import %s: %s", p.ImportPath, strings.TrimPrefix(i, "~"), why))
			}
		}
		for _, i := range slices.Concat(p.TestImports, p.XTestImports) {
			if !mayInTest(i, r) {
				faults = append(faults, fmt.Sprintf("%s: its tests may not import %s", p.ImportPath, strings.TrimPrefix(i, "~")))
			}
		}
	}
	return append(faults, unused(packages, table, reserved)...)
}

// ruleOf finds the longest rule that fits.
func ruleOf(pkg string, table []rule) (rule, bool) {
	best, found := rule{}, false
	for _, r := range table {
		if fits(pkg, r.pkg) && (!found || len(r.pkg) > len(best.pkg)) {
			best, found = r, true
		}
	}
	return best, found
}

// fits matches a package against a path, with /... for everything below.
func fits(pkg, pattern string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	return pkg == pattern
}

func anyFits(pkg string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return p == "*" || fits(pkg, p) })
}

// wrong says why production code may not have this import, "" when it may.
func wrong(pkg, imported string, r rule, reserved []only) string {
	name, ours := strings.CutPrefix(imported, "~")
	if fits(name, "testing/...") || strings.HasSuffix(path.Base(name), "test") {
		if !strings.HasSuffix(path.Base(pkg), "test") {
			return "production code does not import what is made for tests"
		}
	}
	for _, o := range reserved {
		if fits(name, o.imported) && !anyFits(pkg, o.by) {
			return o.why
		}
	}
	switch standard := !strings.Contains(strings.SplitN(name, "/", 2)[0], "."); {
	case ours && !anyFits(name, r.may) && !fits(name, r.pkg):
		return "it is not in its line of the table"
	case !ours && !standard && !anyFits(name, r.outside) && !below(name, r.outside):
		return "its line of the table allows the standard library" + also(r.outside)
	}
	return ""
}

func also(outside []string) string {
	if len(outside) == 0 {
		return " only"
	}
	return " and " + strings.Join(outside, ", ") + " only"
}

// below reports that a path is inside one of the modules.
func below(name string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return strings.HasPrefix(name, m+"/") })
}

// mayInTest lets tests use all of libs besides what their package may use; services stay apart there too.
func mayInTest(imported string, r rule) bool {
	name, ours := strings.CutPrefix(imported, "~")
	return !ours || fits(name, "libs/...") || anyFits(name, r.may) || fits(name, r.pkg)
}

// unused finds rules about packages that do not exist: the package was renamed, and the wall with it.
func unused(packages []listed, table []rule, reserved []only) []string {
	exists := func(pattern string) bool {
		return slices.ContainsFunc(packages, func(p listed) bool { return fits(p.ImportPath, pattern) })
	}
	var faults []string
	note := func(pattern string) {
		outside := strings.Contains(strings.SplitN(pattern, "/", 2)[0], ".") && !strings.HasPrefix(pattern, "example.internal/")
		if !outside && !exists(pattern) {
			faults = append(faults, "the table names "+pattern+", which does not exist")
		}
	}
	for _, r := range table {
		for _, pattern := range append([]string{r.pkg}, r.may...) {
			note(pattern)
		}
	}
	for _, o := range reserved {
		for _, pattern := range append([]string{o.imported}, o.by...) {
			note(pattern)
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}
