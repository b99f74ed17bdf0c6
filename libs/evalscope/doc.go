// Package evalscope drives the real `evalscope perf` and reads what it wrote: it installs the pinned
// version, says what is installed, runs one loop of one level as a process that cannot outlive its
// caller, and turns the files into samples under our definitions. It knows nothing about events on a
// bus or about reports.
//
// Success is judged by the files, never by the exit code: evalscope ends with 0 when every request failed.
package evalscope
