module plimsoll.internal/cmd

go 1.26.0

require (
	plimsoll.internal/frontend v0.0.0
	plimsoll.internal/libs v0.0.0
	plimsoll.internal/services/archiver v0.0.0
	plimsoll.internal/services/auth v0.0.0
	plimsoll.internal/services/gateway v0.0.0
	plimsoll.internal/services/prober v0.0.0
	plimsoll.internal/services/reporter v0.0.0
	plimsoll.internal/services/runner v0.0.0
)

require (
	github.com/clipperhouse/uax29/v2 v2.2.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/mattn/go-runewidth v0.0.31 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	github.com/spf13/cobra v1.10.2 // indirect
	github.com/spf13/pflag v1.0.9 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/term v0.47.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace (
	plimsoll.internal/frontend => ../frontend
	plimsoll.internal/libs => ../libs
	plimsoll.internal/services/archiver => ../services/archiver
	plimsoll.internal/services/auth => ../services/auth
	plimsoll.internal/services/gateway => ../services/gateway
	plimsoll.internal/services/prober => ../services/prober
	plimsoll.internal/services/reporter => ../services/reporter
	plimsoll.internal/services/runner => ../services/runner
)
