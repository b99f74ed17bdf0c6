module plimsoll.internal/e2e

go 1.26.0

require (
	plimsoll.internal/cmd v0.0.0
	plimsoll.internal/frontend v0.0.0
	plimsoll.internal/libs v0.0.0
	plimsoll.internal/services/gateway v0.0.0
	plimsoll.internal/services/prober v0.0.0
	plimsoll.internal/services/runner v0.0.0
	plimsoll.internal/services/reporter v0.0.0
	plimsoll.internal/services/archiver v0.0.0
	plimsoll.internal/services/auth v0.0.0
)

replace (
	plimsoll.internal/cmd => ../cmd
	plimsoll.internal/frontend => ../frontend
	plimsoll.internal/libs => ../libs
	plimsoll.internal/services/gateway => ../services/gateway
	plimsoll.internal/services/prober => ../services/prober
	plimsoll.internal/services/runner => ../services/runner
	plimsoll.internal/services/reporter => ../services/reporter
	plimsoll.internal/services/archiver => ../services/archiver
	plimsoll.internal/services/auth => ../services/auth
)
