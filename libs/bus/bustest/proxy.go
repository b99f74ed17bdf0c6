package bustest

import (
	"context"
	"net"
	"sync"
)

// proxy is the line between one client and the broker.
type proxy struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	open   *sync.Cond
	passes bool
	closed bool
	conns  map[net.Conn]bool
}

func newProxy(target string) (*proxy, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, target: target, passes: true, conns: map[net.Conn]bool{}}
	p.open = sync.NewCond(&p.mu)
	go p.accept()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.serve(client)
	}
}

func (p *proxy) serve(client net.Conn) {
	if !p.keep(client) || !p.await() {
		_ = client.Close()
		return
	}
	var d net.Dialer
	broker, err := d.DialContext(context.Background(), "tcp", p.target)
	if err != nil || !p.keep(broker) {
		p.forget(client)
		return
	}
	go p.pipe(broker, client)
	p.pipe(client, broker)
}

// pipe moves bytes one way until one end closes; while the line is cut it holds them back.
func (p *proxy) pipe(to, from net.Conn) {
	defer p.forget(to)
	defer p.forget(from)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil || !p.await() {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// await blocks while the line is cut and reports whether it still exists.
func (p *proxy) await() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.passes && !p.closed {
		p.open.Wait()
	}
	return !p.closed
}

func (p *proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
	return !p.closed
}

func (p *proxy) forget(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	_ = c.Close()
}

func (p *proxy) setOpen(open bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passes = open
	p.open.Broadcast()
}

func (p *proxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.passes = true
	p.open.Broadcast()
	p.mu.Unlock()
	_ = p.listener.Close()
	p.drop()
}
