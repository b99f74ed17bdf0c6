// Command archiver runs the archiver as a process of its own.
package main

import (
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/archiver"
)

func main() { service.Main("archiver", archiver.LoadConfig, archiver.Run) }
