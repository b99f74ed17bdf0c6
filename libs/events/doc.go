// Package events is chapter one: what happens in Plimsoll, told as the events of one test.
//
// A person asks for a test: the gateway publishes [Requested]. The prober checks the target
// ([Preflight]), calibrates the prompts and publishes [Planned], or [Rejected] with the reason. A runner
// takes the plan, claims it ([Claimed]; every later event of that runner is fenced on the claim), makes
// the load and publishes [LevelDone] for every loop of every level, then [Measured]. The reporter writes
// workbook and report and publishes [Reported]: the test has succeeded. On request the archiver moves the
// report into the archive ([Archived]), brings it back ([Restored]) or takes it away ([Deleted]). Any
// stage may publish [Failed]; a person may ask to cancel ([CancelRequested]), the holder of the claim
// answers [Cancelled].
//
// catalog.go has one line per event: stream, publisher, consumers, payload. lifecycle.go folds the events
// of one test into its state.
package events
