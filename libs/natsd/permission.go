package natsd

import "github.com/nats-io/jwt/v2"

// subscriberPermissions is what other systems may do: follow the public events (pull or ordered consumer)
// and fetch reports with the stock object store client. The names are those of package events; they are
// repeated here because this package knows nothing of the platform, and a test there compares them.
//
// Subscribing to _INBOX.> is the default of stock clients. It shows nothing of the services: they use
// inboxes with a prefix of their own.
func subscriberPermissions() jwt.Permissions {
	return jwt.Permissions{
		Pub: jwt.Permission{Allow: jwt.StringList{
			"$JS.API.INFO",

			"$JS.API.STREAM.INFO.PUB",
			"$JS.API.STREAM.MSG.GET.PUB",
			"$JS.API.DIRECT.GET.PUB",
			"$JS.API.DIRECT.GET.PUB.>",
			"$JS.API.CONSUMER.CREATE.PUB.>", // name and filter follow
			"$JS.API.CONSUMER.INFO.PUB.*",
			"$JS.API.CONSUMER.DELETE.PUB.*", // ordered consumers drop the one they replace
			"$JS.API.CONSUMER.MSG.NEXT.PUB.*",
			"$JS.ACK.PUB.>",
			"$JS.ACK.*.*.PUB.>",
			"$JS.FC.PUB.>",
			"$JS.FC.*.*.PUB.>",

			"$JS.API.STREAM.INFO.OBJ_reports",
			"$JS.API.STREAM.MSG.GET.OBJ_reports",
			"$JS.API.DIRECT.GET.OBJ_reports",
			"$JS.API.DIRECT.GET.OBJ_reports.>",
			"$JS.API.CONSUMER.CREATE.OBJ_reports.>",
			"$JS.API.CONSUMER.INFO.OBJ_reports.*",
			"$JS.API.CONSUMER.DELETE.OBJ_reports.*",
			"$JS.API.CONSUMER.MSG.NEXT.OBJ_reports.*",
			"$JS.ACK.OBJ_reports.>",
			"$JS.ACK.*.*.OBJ_reports.>",
			"$JS.FC.OBJ_reports.>", // without flow control big reads hang
			"$JS.FC.*.*.OBJ_reports.>",
		}},
		Sub: jwt.Permission{Allow: jwt.StringList{"_INBOX.>"}},
	}
}
