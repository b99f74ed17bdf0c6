// Command plimsoll runs the platform and talks to a running one.
package main

import (
	"os"

	"plimsoll.internal/cmd/plimsoll/internal/cli"
	"plimsoll.internal/cmd/plimsoll/internal/generator"
	"plimsoll.internal/cmd/plimsoll/internal/up"
)

func main() { os.Exit(cli.Run(cli.OS(), up.Command, generator.Command)) }
