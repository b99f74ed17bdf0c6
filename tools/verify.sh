#!/bin/sh
# Everything CI checks besides the tests. Runs from the top of the repository; every check runs, the first
# failure decides the exit code.
set -u
cd "$(dirname "$0")/.."
modules=$(sed -n 's/^\t\.\/\(.*\)$/\1/p' go.work)
failed=0
check() { # name, command…
	name=$1
	shift
	if out=$("$@" 2>&1); then
		echo "ok    $name"
	else
		echo "FAIL  $name"
		echo "$out"
		failed=1
	fi
}
formatted() { # gofumpt prints the names of files it would change
	# shellcheck disable=SC2086 # a list of folders on purpose
	names=$(go tool gofumpt -l $modules | grep -v '\.gen\.go$')
	[ -z "$names" ] || { echo "run make fmt:" && echo "$names" && return 1; }
}
alone() { # every module builds without the workspace
	for m in $modules; do
		(cd "$m" && GOWORK=off go build ./... && GOWORK=off go vet ./... >/dev/null) || { echo "module $m" && return 1; }
	done
}
tidy() {
	for m in $modules; do
		(cd "$m" && GOWORK=off go mod tidy -diff) || { echo "run go mod tidy in $m" && return 1; }
	done
}
same_go() { # one go line everywhere
	lines=$(grep -h '^go ' go.work */go.mod services/*/go.mod examples/*/go.mod | sort -u)
	[ "$(echo "$lines" | wc -l)" = 1 ] || { echo "different go lines:" && echo "$lines" && return 1; }
}
fresh() { # generated files are what the generators write now
	before=$(git status --porcelain; git diff)
	sh tools/generate.sh >/dev/null || return 1
	after=$(git status --porcelain; git diff)
	[ "$before" = "$after" ] || { echo "run make generate and commit:" && git status --short && return 1; }
}
ui() { (cd frontend && npm run --silent "$1"); }

check "formatted (gofumpt)" formatted
check "go vet" go vet work
check "staticcheck" go tool staticcheck work
check "imports (archcheck)" go run ./tools/archcheck
check "one go version" same_go
check "go.mod tidy" tidy
check "builds without the workspace" alone
check "generated files fresh" fresh
check "TypeScript" ui typecheck
check "ESLint" ui lint
exit $failed
