package spec

import (
	"testing"

	"plimsoll.internal/libs/failure"
)

func TestStageRetries(t *testing.T) {
	none, many := 0, 25
	tests := []struct {
		name    string
		retries *int
		class   failure.Class
		want    int
	}{
		{"not said", nil, failure.Storage, 2},
		{"none", &none, failure.Storage, 0},
		{"a fault without a name", &none, failure.Unknown, 10},
		{"more than that asked", &many, failure.Unknown, 25},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Spec{Retries: tt.retries}).StageRetries(tt.class); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
