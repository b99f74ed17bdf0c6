// Package e2e holds the whole-system tests: the story of one test in one process, the same story with
// separate processes on an external broker and Postgres, faults, and a person in a browser.
package e2e
