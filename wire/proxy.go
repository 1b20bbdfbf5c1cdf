package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

const (
	// proxyTextBytes is the longest header of version 1, its line break included.
	proxyTextBytes = 107
	// proxyBinaryBytes is the longest header of version 2 that is taken: addresses, and some of what proxies add.
	proxyBinaryBytes = 2048
	// proxyHeadBytes is what a header of version 2 has before its addresses.
	proxyHeadBytes = 16
)

// proxySignature begins a header of version 2.
var proxySignature = []byte("\r\n\r\n\x00\r\nQUIT\n")

// Errors of the PROXY protocol.
var (
	errProxyHeader = errors.New("PROXY header")
	// errProxyShort: what is there may be the beginning of a header.
	errProxyShort = errors.New("PROXY header goes on")
)

// proxyHeader is who a proxy speaks for.
type proxyHeader struct {
	length int            // bytes of the header
	client netip.AddrPort // not valid: the proxy speaks for itself, or does not tell
}

// parseProxyHeader reads the header that a proxy sends before anything else.
func parseProxyHeader(b []byte) (proxyHeader, error) {
	text := []byte("PROXY ")
	switch n := min(len(b), len(text)); {
	case bytes.Equal(b[:n], text[:n]):
		return parseProxyText(b)
	case bytes.HasPrefix(proxySignature, b[:min(len(b), len(proxySignature))]):
		return parseProxyBinary(b)
	}
	return proxyHeader{}, fmt.Errorf("%w: there is none", errProxyHeader)
}

// parseProxyText reads version 1: PROXY TCP4 client server client-port server-port.
func parseProxyText(b []byte) (h proxyHeader, err error) {
	end := bytes.Index(b[:min(len(b), proxyTextBytes)], []byte("\r\n"))
	if end < 0 {
		if len(b) < proxyTextBytes {
			return h, errProxyShort
		}
		return h, fmt.Errorf("%w: a line without end", errProxyHeader)
	}
	h.length = end + 2
	words := strings.Split(string(b[:end]), " ")
	if len(words) > 1 && words[1] == "UNKNOWN" {
		return h, nil
	}
	if len(words) != 6 || words[1] != "TCP4" && words[1] != "TCP6" {
		return h, fmt.Errorf("%w: %q", errProxyHeader, b[:end])
	}
	ip, ipErr := netip.ParseAddr(words[2])
	port, portErr := strconv.ParseUint(words[4], 10, 16)
	if ipErr != nil || portErr != nil || ip.Zone() != "" || ip.Is4() != (words[1] == "TCP4") {
		return h, fmt.Errorf("%w: %q", errProxyHeader, b[:end])
	}
	h.client = netip.AddrPortFrom(ip, uint16(port))
	return h, nil
}

// parseProxyBinary reads version 2.
func parseProxyBinary(b []byte) (h proxyHeader, err error) {
	if len(b) < proxyHeadBytes {
		return h, errProxyShort
	}
	length := int(binary.BigEndian.Uint16(b[14:]))
	if b[12]>>4 != 2 || b[12]&0xf > 1 || proxyHeadBytes+length > proxyBinaryBytes {
		return h, fmt.Errorf("%w: version and command %#x, %d bytes", errProxyHeader, b[12], length)
	}
	if len(b) < proxyHeadBytes+length {
		return h, errProxyShort
	}
	h.length = proxyHeadBytes + length
	addresses := b[proxyHeadBytes:h.length]
	if b[12]&0xf == 0 { // LOCAL: the proxy looks whether the server lives
		return h, nil
	}
	size := 0
	switch b[13] {
	case 0x11: // TCP over IPv4
		size = 4
	case 0x21: // TCP over IPv6
		size = 16
	default: // what it does not tell, or has no address that accounts know
		return h, nil
	}
	if len(addresses) < 2*size+4 {
		return h, fmt.Errorf("%w: %d bytes of addresses", errProxyHeader, len(addresses))
	}
	ip, _ := netip.AddrFromSlice(addresses[:size]) // 4 or 16 bytes are an address
	h.client = netip.AddrPortFrom(ip.Unmap(), binary.BigEndian.Uint16(addresses[2*size:]))
	return h, nil
}

// readProxyHeader reads the header of a connection that comes from a proxy, and takes the client's address from it.
func (c *conn) readProxyHeader() error {
	p := c.packets
	for {
		h, err := parseProxyHeader(p.in[p.start:p.end])
		if errors.Is(err, errProxyShort) {
			if err := p.fill(p.end - p.start + 1); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		p.start += h.length
		if h.client.IsValid() {
			c.setAddress(h.client)
		}
		return nil
	}
}

// isProxy reports whether connections from an address begin with a PROXY header.
func (s *Server) isProxy(address netip.Addr) bool {
	for _, network := range s.options.ProxyNetworks {
		if network.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}
