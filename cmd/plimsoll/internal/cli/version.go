package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"plimsoll.internal/libs/service"
)

func (a *App) version() Command {
	return &cobra.Command{
		Use:   "version",
		Short: a.Lang.Say("Print the version", "显示版本"),
		Args:  a.args(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			version := service.BuildVersion()
			if a.json {
				return a.PrintJSON(map[string]string{
					"version": version, "api": "v1", "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
				})
			}
			_, err := fmt.Fprintf(a.Out, "plimsoll %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
