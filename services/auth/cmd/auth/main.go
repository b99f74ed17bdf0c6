// Command auth runs the auth service as a process of its own.
package main

import (
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/auth"
)

func main() { service.Main("auth", auth.LoadConfig, auth.Run) }
