// Command gateway serves the HTTP API and the web pages.
package main

import (
	"plimsoll.internal/frontend"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/gateway"
)

func main() {
	service.Main("gateway", load, gateway.Run)
}

// load adds the pages of this build to what the environment says.
func load(env func(string) string) (gateway.Config, error) {
	c, err := gateway.LoadConfig(env)
	c.UI = frontend.Dist()
	return c, err
}
