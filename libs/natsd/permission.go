package natsd

import (
	"strings"

	"github.com/nats-io/jwt/v2"
)

// Other systems live in an account of their own that has no stream. Of the account of the platform it
// imports exactly the requests below, and the inboxes that answer them; nothing else of one account can be
// named in the other. That matters because a request says where its answer goes: inside the account of the
// platform, an answer could be sent onto the subject of an event.
//
// The names are those of package events; they are repeated here because this package knows nothing of the
// platform.

// requests are what other systems may ask of the public events and of the reports: information, pull and
// ordered consumers, the stock object store client. A true value means that several answers come.
var requests = map[string]bool{
	"$JS.API.STREAM.INFO.%":         false,
	"$JS.API.STREAM.MSG.GET.%":      false,
	"$JS.API.DIRECT.GET.%":          true,
	"$JS.API.DIRECT.GET.%.>":        true,
	"$JS.API.CONSUMER.CREATE.%.>":   false, // name and filter follow
	"$JS.API.CONSUMER.INFO.%.>":     false,
	"$JS.API.CONSUMER.DELETE.%.>":   false, // ordered consumers drop the one they replace
	"$JS.API.CONSUMER.MSG.NEXT.%.>": true,
	"$JS.ACK.%.>":                   false,
	"$JS.FC.%.>":                    false, // without flow control big reads hang
}

// inboxes is what stock clients subscribe to by default. It shows nothing of the services: they use
// inboxes with a prefix of their own.
const inboxes = "_INBOX.>"

// readable are the streams behind the public events and the reports.
var readable = []string{"PUB", "OBJ_reports"}

// The server answers requests on apiRoot in every account by itself, in one without streams with a refusal.
// So what other systems send there is renamed before it is looked at, and imported under the new name.
const (
	apiRoot   = "$JS.API."
	apiRename = "PLIMSOLL.API."
)

// openTo lets the account of other systems ask, and lets the answers to push consumers out.
func openTo(platform, outside *jwt.AccountClaims) {
	for subject, several := range requestSubjects() {
		kind := jwt.ResponseType(jwt.ResponseTypeSingleton)
		if several {
			kind = jwt.ResponseTypeStream
		}
		platform.Exports.Add(&jwt.Export{Name: subject, Subject: jwt.Subject(subject), Type: jwt.Service, ResponseType: kind})
		outside.Imports.Add(&jwt.Import{
			Name: subject, Subject: jwt.Subject(subject), LocalSubject: jwt.RenamingSubject(renamed(subject)),
			Account: platform.Subject, Type: jwt.Service,
		})
	}
	outside.AddMapping(apiRoot+">", jwt.WeightedMapping{Subject: apiRename + ">"})
	platform.Exports.Add(&jwt.Export{Name: "answers", Subject: inboxes, Type: jwt.Stream})
	outside.Imports.Add(&jwt.Import{Name: "answers", Subject: inboxes, Account: platform.Subject, Type: jwt.Stream})
}

// subscriberPermissions is the same list once more, for the user: what is not on it is refused aloud. The
// server compares it with the new names.
func subscriberPermissions() jwt.Permissions {
	var may jwt.Permissions
	for subject := range requestSubjects() {
		may.Pub.Allow.Add(renamed(subject))
	}
	may.Sub.Allow.Add(inboxes)
	return may
}

func requestSubjects() map[string]bool {
	all := map[string]bool{}
	for _, stream := range readable {
		for pattern, several := range requests {
			all[strings.Replace(pattern, "%", stream, 1)] = several
		}
	}
	return all
}

func renamed(subject string) string {
	if rest, api := strings.CutPrefix(subject, apiRoot); api {
		return apiRename + rest
	}
	return subject
}
