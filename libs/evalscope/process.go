package evalscope

import (
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// drainWait bounds how long output is still read after the process has ended.
const drainWait = 2 * time.Second

// process is a child in a process group of its own, bound to our life twice: the kernel kills it when
// the thread that started it ends (Linux), and it watches its stdin, which closes when we are gone.
type process struct {
	pid  int           // also the id of its group
	done chan struct{} // closed when it has ended and was reaped
	err  error         // what Wait said; read after done
}

// startProcess starts cmd, writes line to its stdin and leaves that open.
func startProcess(cmd *exec.Cmd, line []byte) (*process, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("connect to its input: %w", err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
	cmd.WaitDelay = drainWait
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel watches this very thread, so it must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			p.signal(syscall.SIGKILL) // whatever it may have left in its group
		}
	}()
	if err := <-started; err != nil {
		<-p.done
		_ = stdin.Close()
		return nil, err
	}
	// A child that ends without reading breaks the pipe; its end tells the story.
	_, _ = stdin.Write(line)
	return p, nil
}

// step is one signal and how long it is given to work.
type step struct {
	signal syscall.Signal
	wait   time.Duration
}

// gentle is how a run is cancelled: evalscope ends within 0.6–1.6 s of an interrupt.
var gentle = []step{
	{syscall.SIGINT, 1500 * time.Millisecond},
	{syscall.SIGTERM, 400 * time.Millisecond},
	{syscall.SIGKILL, drainWait + time.Second},
}

// hard is how a run that does not react is ended.
var hard = gentle[2:]

// stop ends the process group and reports how long that took; it returns when the process was reaped, or
// with gone false when even SIGKILL did not work (a process stuck in the kernel).
func (p *process) stop(steps []step) (took time.Duration, gone bool) {
	begin := time.Now()
	for _, s := range steps {
		select {
		case <-p.done:
			return time.Since(begin), true
		default:
		}
		p.signal(s.signal)
		timer := time.NewTimer(s.wait)
		select {
		case <-p.done:
			timer.Stop()
			return time.Since(begin), true
		case <-timer.C:
		}
	}
	return time.Since(begin), false
}

// signal goes to the whole group; nothing may be left of it, so the error says nothing. Group 0 would be
// our own.
func (p *process) signal(s syscall.Signal) {
	if p.pid > 1 {
		_ = syscall.Kill(-p.pid, s)
	}
}
