package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"marmot/mysqlerr"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const (
	// clientZstd is CLIENT_ZSTD_COMPRESSION_ALGORITHM.
	clientZstd = 1 << 26
	// frameHeaderBytes is the length, sequence number and inflated length before each compressed frame.
	frameHeaderBytes = 7
	// minCompressBytes is what is sent as it is, as MySQL's MIN_COMPRESS_LENGTH.
	minCompressBytes = 50
	// zlibLevel is the level at which MySQL compresses with zlib.
	zlibLevel = 6
	// zstdWindow bounds the memory of reading and writing with zstd: a frame holds no more.
	zstdWindow = 16 << 20
	// zstdLevels is the highest level that a client may ask for.
	zstdLevels = 22

	errWrongCompression      = 3922 // ER_WRONG_COMPRESSION_ALGORITHM_CLIENT
	errWrongCompressionLevel = 3923 // ER_WRONG_COMPRESSION_LEVEL_CLIENT
)

// compressionCapabilities are the flags of the algorithms that are allowed.
func compressionCapabilities(allowed []string) (flags uint32) {
	for _, name := range allowed {
		switch strings.TrimSpace(name) {
		case "zlib":
			flags |= mysql.CLIENT_COMPRESS
		case "zstd":
			flags |= clientZstd
		}
	}
	return flags
}

// chooseCompression returns the first allowed algorithm that the client takes too: zlib, zstd, or empty for none.
func chooseCompression(allowed []string, r *response) (string, error) {
	for _, name := range allowed {
		switch name = strings.TrimSpace(name); {
		case name == "zlib" && r.capabilities&mysql.CLIENT_COMPRESS != 0:
			return name, nil
		case name == "zstd" && r.capabilities&clientZstd != 0:
			if r.zstdLevel < 1 || r.zstdLevel > zstdLevels {
				return "", mysqlerr.New(errWrongCompressionLevel, "zstd")
			}
			return name, nil
		}
	}
	if !slices.Contains(allowed, "uncompressed") {
		return "", mysqlerr.New(errWrongCompression, "uncompressed")
	}
	return "", nil
}

// compressors are what the connections of a server compress with; their memory is shared.
type compressors struct {
	writers  sync.Pool // *zlib.Writer
	inflated sync.Pool // io.ReadCloser that is a zlib.Resetter
	decoders sync.Pool // *zstd.Decoder
	mu       sync.Mutex
	encoders map[zstd.EncoderLevel]*zstd.Encoder
}

// encoder returns the encoder that all connections of a level share.
func (s *compressors) encoder(level int) (*zstd.Encoder, error) {
	l := zstd.EncoderLevelFromZstd(level)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.encoders[l]; e != nil {
		return e, nil
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(l), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithWindowSize(writeStep*2), zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("zstd level %d: %w", level, err)
	}
	if s.encoders == nil {
		s.encoders = map[zstd.EncoderLevel]*zstd.Encoder{}
	}
	s.encoders[l] = e
	return e, nil
}

// deflate appends b compressed with zlib to dst.
func (s *compressors) deflate(dst, b []byte) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	w, ok := s.writers.Get().(*zlib.Writer)
	if ok {
		w.Reset(out)
	} else {
		var err error
		if w, err = zlib.NewWriterLevel(out, zlibLevel); err != nil {
			return dst, err
		}
	}
	defer s.writers.Put(w)
	if _, err := w.Write(b); err != nil {
		return dst, err
	}
	err := w.Close() // before the bytes are looked at: it writes the last of them
	return out.Bytes(), err
}

// compressedConn is a connection whose stream travels in compressed frames. Reading holds no more than the
// decompressor's window, whatever a frame claims to hold.
// Owned by the connection's goroutine.
type compressedConn struct {
	net.Conn
	shared    *compressors
	algorithm string
	level     int   // of zstd
	sequence  uint8 // of the next frame, either way

	in     *bufio.Reader
	packed int       // bytes of the present frame that are not read yet
	plain  int       // bytes of it that are not handed out yet
	source io.Reader // of the plain bytes
	free   func()    // gives the decompressor back
	failed error     // what was wrong with the end of the last frame
	out    []byte
}

// newCompressedConn compresses what follows on a connection; pending was read ahead.
func newCompressedConn(socket net.Conn, pending []byte, shared *compressors, algorithm string, level int) *compressedConn {
	ahead := &bufferedConn{Conn: socket, pending: append([]byte(nil), pending...)}
	return &compressedConn{Conn: socket, shared: shared, algorithm: algorithm, level: level, in: bufio.NewReaderSize(ahead, readBytes)}
}

// packedBody reads the compressed bytes of the present frame.
type packedBody struct{ c *compressedConn }

// Read reads within the frame.
func (b packedBody) Read(p []byte) (int, error) {
	if b.c.packed == 0 {
		return 0, io.EOF
	}
	n, err := b.c.in.Read(p[:min(len(p), b.c.packed)])
	b.c.packed -= n
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// ReadByte reads within the frame; without it decompressors would buffer for themselves.
func (b packedBody) ReadByte() (byte, error) {
	if b.c.packed == 0 {
		return 0, io.EOF
	}
	x, err := b.c.in.ReadByte()
	if err != nil {
		return 0, within(err)
	}
	b.c.packed--
	return x, nil
}

// Read returns what the frames hold.
func (c *compressedConn) Read(p []byte) (int, error) {
	for c.plain == 0 {
		if c.failed != nil {
			return 0, c.failed
		}
		if err := c.finish(); err != nil {
			return 0, err
		}
		if err := c.frame(); err != nil {
			return 0, err
		}
	}
	n, err := c.source.Read(p[:min(len(p), c.plain)])
	if c.plain -= n; n > 0 {
		if c.plain == 0 { // an idle connection holds no decompressor
			c.failed = c.finish()
		}
		return n, nil
	}
	if err == nil {
		return 0, nil
	}
	return 0, frameError(err)
}

// frameError makes whatever a decompressor finds wrong a malformed packet.
func frameError(err error) error {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrUnexpectedEOF) {
		return within(err)
	}
	return fmt.Errorf("%w: compressed frame: %w", errMalformed, err)
}

// finish ends the present frame: it must hold what it said, and no more.
func (c *compressedConn) finish() error {
	if c.source == nil {
		return nil
	}
	var one [1]byte
	n, err := io.ReadFull(c.source, one[:])
	c.release()
	if n > 0 || !errors.Is(err, io.EOF) || c.packed > 0 {
		if err == nil || errors.Is(err, io.EOF) {
			err = errors.New("it holds more than it says")
		}
		return frameError(err)
	}
	return nil
}

// release gives the decompressor back.
func (c *compressedConn) release() {
	if c.free != nil {
		c.free()
	}
	c.source, c.free = nil, nil
}

// frame reads the head of the next frame.
func (c *compressedConn) frame() error {
	var h [frameHeaderBytes]byte
	if _, err := io.ReadFull(c.in, h[:]); err != nil {
		return err // io.EOF between frames is the connection's end
	}
	c.packed, c.plain = int(h[0])|int(h[1])<<8|int(h[2])<<16, int(h[4])|int(h[5])<<8|int(h[6])<<16
	if h[3] != c.sequence {
		want := c.sequence
		c.sequence = h[3] + 1
		return fmt.Errorf("%w: frame %d, want %d", errSequence, h[3], want)
	}
	c.sequence++
	if c.plain == 0 { // sent as it is
		c.source, c.plain = packedBody{c}, c.packed
		return nil
	}
	if c.algorithm == "zstd" {
		return c.unzstd()
	}
	return c.inflate()
}

// inflate reads the present frame with zlib.
func (c *compressedConn) inflate() error {
	if z, ok := c.shared.inflated.Get().(io.ReadCloser); ok {
		if err := z.(zlib.Resetter).Reset(packedBody{c}, nil); err != nil {
			return frameError(err)
		}
		c.source = z
	} else {
		z, err := zlib.NewReader(packedBody{c})
		if err != nil {
			return frameError(err)
		}
		c.source = z
	}
	z := c.source
	c.free = func() { c.shared.inflated.Put(z) }
	return nil
}

// unzstd reads the present frame with zstd.
func (c *compressedConn) unzstd() error {
	d, ok := c.shared.decoders.Get().(*zstd.Decoder)
	if !ok {
		var err error
		d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderMaxMemory(zstdWindow))
		if err != nil {
			return frameError(err)
		}
	}
	if err := d.Reset(packedBody{c}); err != nil {
		return frameError(err)
	}
	c.source = d
	c.free = func() {
		if d.Reset(nil) == nil {
			c.shared.decoders.Put(d)
		}
	}
	return nil
}

// Write sends b in frames.
func (c *compressedConn) Write(b []byte) (written int, err error) {
	for len(b) > 0 {
		n := min(len(b), writeStep)
		if err := c.writeFrame(b[:n]); err != nil {
			return written, err
		}
		written += n
		b = b[n:]
	}
	return written, nil
}

func (c *compressedConn) writeFrame(b []byte) error {
	c.out = append(c.out[:0], make([]byte, frameHeaderBytes)...)
	plain := 0
	if len(b) >= minCompressBytes {
		if err := c.pack(b); err != nil {
			return err
		}
		plain = len(b)
	}
	if plain == 0 || len(c.out)-frameHeaderBytes >= len(b) {
		c.out, plain = append(c.out[:frameHeaderBytes], b...), 0
	}
	n := len(c.out) - frameHeaderBytes
	copy(c.out, []byte{byte(n), byte(n >> 8), byte(n >> 16), c.sequence, byte(plain), byte(plain >> 8), byte(plain >> 16)})
	c.sequence++
	_, err := c.Conn.Write(c.out)
	if cap(c.out) > keepBytes {
		c.out = nil
	}
	return err
}

// pack appends b compressed to the frame.
func (c *compressedConn) pack(b []byte) (err error) {
	if c.algorithm != "zstd" {
		c.out, err = c.shared.deflate(c.out, b)
		return err
	}
	e, err := c.shared.encoder(c.level)
	if err == nil {
		c.out = e.EncodeAll(b, c.out)
	}
	return err
}

// levelText is @@Compression_level.
func (c *compressedConn) levelText() string {
	if c.algorithm == "zstd" {
		return strconv.Itoa(c.level)
	}
	return strconv.Itoa(zlibLevel)
}
