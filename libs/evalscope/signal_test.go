package evalscope_test

import (
	"context"
	"os"
	"os/signal"
)

// signalContext ends with the first interrupt, like a runner's does.
func signalContext() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt)
}
