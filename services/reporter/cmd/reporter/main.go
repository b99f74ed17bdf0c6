// Command reporter runs the reporter as a process of its own.
package main

import (
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/reporter"
)

func main() { service.Main("reporter", reporter.LoadConfig, reporter.Run) }
