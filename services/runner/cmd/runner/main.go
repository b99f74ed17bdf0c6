// Command runner runs one runner alone.
package main

import (
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/runner"
)

func main() { service.Main("runner", runner.LoadConfig, runner.Run) }
