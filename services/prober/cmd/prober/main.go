// Command prober runs the prober alone.
package main

import (
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/prober"
)

func main() { service.Main("prober", prober.LoadConfig, prober.Run) }
