package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// stream is a socket whose peer has sent everything already, and keeps what is written.
type stream struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (s *stream) Read(b []byte) (int, error) { return s.in.Read(b) }

func (s *stream) Write(b []byte) (int, error) { return s.out.Write(b) }

// frame makes packets of a payload.
func frame(sequence uint8, payload []byte) []byte {
	var b []byte
	for {
		n := min(len(payload), maxPayload)
		b = append(b, byte(n), byte(n>>8), byte(n>>16), sequence)
		b = append(b, payload[:n]...)
		sequence++
		if payload = payload[n:]; n < maxPayload {
			return b
		}
	}
}

// TestPayloadsOfAllLengthsAreJoinedAndSplit writes payloads around each buffer's size and reads them back.
func TestPayloadsOfAllLengthsAreJoinedAndSplit(t *testing.T) {
	for _, n := range []int{0, 1, readBytes - 5, readBytes - 4, readBytes - 3, readBytes, readBytes + 1, flushBytes, keepBytes + 1, longStep, 3*longStep + 7,
		maxPayload - 1, maxPayload, maxPayload + 1, 2 * maxPayload} {
		payload := make([]byte, n)
		for i := range payload {
			payload[i] = byte(i * 7)
		}
		s := &stream{}
		out := newPackets(s, 0)
		if err := out.finish(append(out.begin(), payload...)); err != nil {
			t.Fatal(err)
		}
		if err := out.flush(); err != nil {
			t.Fatal(err)
		}
		if want := frame(0, payload); !bytes.Equal(s.out.Bytes(), want) {
			t.Fatalf("%d bytes were not written as the protocol has it", n)
		}
		s.in = io.MultiReader(bytes.NewReader(s.out.Bytes()), bytes.NewReader([]byte{1, 0, 0, out.sequence, 'x'}))
		in := newPackets(s, 2*maxPayload)
		if got, err := in.read(); err != nil || !bytes.Equal(got, payload) {
			t.Fatalf("%d bytes came back as %d, %v", n, len(got), err)
		}
		if got, err := in.read(); err != nil || string(got) != "x" {
			t.Fatalf("after %d bytes: %q, %v", n, got, err)
		}
	}
}

func TestPacketsThatEndEarly(t *testing.T) {
	whole := frame(0, make([]byte, readBytes+100))
	for _, n := range []int{0, 1, 3, 4, 5, readBytes, len(whole) - 1} {
		p := newPackets(&stream{in: bytes.NewReader(whole[:n])}, 1<<20)
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		if _, err := p.read(); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", n, err, want)
		}
	}
}

func TestSequenceIsChecked(t *testing.T) {
	p := newPackets(&stream{in: bytes.NewReader(frame(3, []byte("x")))}, 1<<20)
	if _, err := p.read(); !errors.Is(err, errSequence) {
		t.Fatalf("got %v", err)
	}
	if p.sequence != 4 {
		t.Fatalf("the answer goes under %d, want the number after the client's", p.sequence)
	}
	second := append(frame(0, make([]byte, maxPayload))[:headerBytes+maxPayload], 1, 0, 0, 5, 'x')
	p = newPackets(&stream{in: bytes.NewReader(second)}, 1<<30)
	if _, err := p.read(); !errors.Is(err, errSequence) {
		t.Fatalf("second packet of a payload: %v", err)
	}
}

// TestOversizedPayloadIsReadOver: the client gets to read the error, and the packet after it is found.
func TestOversizedPayloadIsReadOver(t *testing.T) {
	for _, n := range []int{1001, readBytes, 2*maxPayload + 5} {
		in := append(frame(0, make([]byte, n)), frame(1, []byte("x"))...)
		p := newPackets(&stream{in: bytes.NewReader(in)}, 1000)
		if n > maxPayload {
			p.maxAllowed = maxPayload + 1
		}
		if _, err := p.read(); !errors.Is(err, errTooLarge) {
			t.Fatalf("%d bytes: %v", n, err)
		}
		p.sequence = 1
		if got, err := p.read(); err != nil || string(got) != "x" {
			t.Fatalf("after %d bytes: %q, %v", n, got, err)
		}
	}
}

// endless never stops sending full packets.
type endless struct {
	header  [headerBytes]byte
	at      int
	read    int
	counted uint8
}

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		if e.at < headerBytes {
			e.header = [headerBytes]byte{0xff, 0xff, 0xff, e.counted}
			b[i] = e.header[e.at]
		} else {
			b[i] = 0
		}
		if e.at++; e.at == headerBytes+maxPayload {
			e.at = 0
			e.counted++
		}
	}
	e.read += len(b)
	return len(b), nil
}

func TestEndlessPayloadIsGivenUp(t *testing.T) {
	e := &endless{}
	p := newPackets(&stream{in: e}, 1<<20)
	if _, err := p.read(); !errors.Is(err, errTooLarge) {
		t.Fatal(err)
	}
	if e.read > 3*maxPayload {
		t.Fatalf("%d bytes were read of a payload that may have 1 MiB", e.read)
	}
}

// TestMemoryGrowsWithWhatArrives announces 16 MiB and sends a hundred bytes.
func TestMemoryGrowsWithWhatArrives(t *testing.T) {
	in := frame(0, make([]byte, maxPayload-1))[:100]
	p := newPackets(&stream{in: bytes.NewReader(in)}, 1<<30)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := p.read(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4*longStep {
		t.Fatalf("%d bytes were allocated for a hundred that came", grown)
	}
}

// TestPauseWithinAPacketIsItsOwnError: what arrives moves the deadline of the rest, and a pause within a packet
// is another error than one before it.
func TestPauseWithinAPacketIsItsOwnError(t *testing.T) {
	server, remote := net.Pipe()
	defer func() { _ = server.Close(); _ = remote.Close() }()
	p := newPackets(server, 1<<20)
	moved := 0
	p.reading = func() { moved++; _ = server.SetReadDeadline(time.Now().Add(500 * time.Millisecond)) }
	go func() { _, _ = remote.Write(frame(0, make([]byte, 1<<16))[:1<<15]) }()
	_, err := p.read()
	if !errors.Is(err, errPacketTimeout) || !errors.Is(err, os.ErrDeadlineExceeded) || moved < 2 {
		t.Fatalf("got %v after %d parts", err, moved)
	}
	_ = server.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := newPackets(server, 1<<20).read(); !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, errPacketTimeout) {
		t.Fatalf("before a packet: %v", err)
	}
}

func TestRewindTakesBackWhatHasNotLeft(t *testing.T) {
	s := &stream{}
	p := newPackets(s, 0)
	write := func(text string) {
		if err := p.finish(append(p.begin(), text...)); err != nil {
			t.Fatal(err)
		}
	}
	write("kept")
	m := p.mark()
	write("dropped")
	p.begin()
	if !p.rewind(m) {
		t.Fatal("rewind refused though nothing has left")
	}
	write("instead")
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	if want := append(frame(0, []byte("kept")), frame(1, []byte("instead"))...); !bytes.Equal(s.out.Bytes(), want) {
		t.Fatalf("got %q, want %q", s.out.Bytes(), want)
	}
	m = p.mark()
	write(string(make([]byte, flushBytes)))
	if p.rewind(m) {
		t.Fatal("rewind took back what has left")
	}
}

// torn is a socket that fails its first write.
type torn struct {
	net.Conn
	writes int
}

func (s *torn) Write(b []byte) (int, error) { s.writes++; return len(b) / 2, os.ErrDeadlineExceeded }

func TestNothingIsWrittenAfterAFailedWrite(t *testing.T) {
	s := &torn{}
	p := newPackets(s, 0)
	for range 3 {
		if err := p.finish(append(p.begin(), make([]byte, flushBytes)...)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
	}
	if s.writes != 1 {
		t.Fatalf("%d writes on a torn stream", s.writes)
	}
}
