package service

import (
	"plimsoll.internal/libs/secret"
	"plimsoll.internal/libs/telemetry"
)

// Credentials opens the secrets kept in a folder. What was opened never shows in the log of this process.
func (d Deps) Credentials(folder string) func(id string) (string, error) {
	return func(id string) (string, error) {
		value, err := secret.Folder(folder).Open(id)
		if err == nil {
			telemetry.Hide(d.Log, value)
		}
		return value, err
	}
}
