// Command subscriber prints what Plimsoll tells other systems, as it comes, and downloads every workbook:
// go run . -url nats://127.0.0.1:4222 -creds plimsoll-data/subscriber.creds -out .
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

type public struct {
	Artifacts []struct {
		Name, Kind string
		Object     struct {
			Name string
			Size int `json:"size_bytes"`
		}
	}
}

func main() {
	url, creds := flag.String("url", nats.DefaultURL, "broker"), flag.String("creds", "subscriber.creds", "credentials file")
	out := flag.String("out", ".", "folder for workbooks")
	flag.Parse()
	js := must(jetstream.New(must(nats.Connect(*url, nats.UserCredentials(*creds), nats.MaxReconnects(-1)))))
	reports := must(js.ObjectStore(context.Background(), "reports"))
	feed := must(js.OrderedConsumer(context.Background(), "PUB", jetstream.OrderedConsumerConfig{}))
	must(feed.Consume(func(m jetstream.Msg) {
		var event public
		log.Printf("%s %s, error %v", m.Subject(), m.Data(), json.Unmarshal(m.Data(), &event))
		for _, a := range event.Artifacts {
			if a.Kind != "workbook" {
				continue
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // without one the client gives up after 5 s
			data, err := reports.GetBytes(ctx, a.Object.Name)                     // checks the digest
			cancel()
			if err == nil && len(data) == a.Object.Size {
				err = os.WriteFile(filepath.Join(*out, filepath.Base(a.Name)), data, 0o600)
			}
			log.Printf("workbook %s: %d of %d bytes, error %v", a.Name, len(data), a.Object.Size, err)
		}
	}))
	select {} // until interrupted; the consumer goes on by itself after a broker restart
}

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}
