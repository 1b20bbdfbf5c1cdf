package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"marmot/log"
	"marmot/txn"
)

// These are part of the format and never change.
const (
	segmentMagic  = "MRMTSEGM"
	genesisMagic  = "MRMTGENS"
	formatVersion = 1
	frameBytes    = 36 // header of a record
	fixedHeader   = 48 // header of a segment before the offsets
)

// MaxValueBytes is the largest record that the log takes, as large as Kafka's topics are set to.
const MaxValueBytes = 8 << 20

// maxPartitions bounds what a damaged header makes Open allocate.
const maxPartitions = 4096

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errNotWhole says that no whole record begins here; errEnd that zeros do.
var (
	errNotWhole = errors.New("no whole record")
	errEnd      = errors.New("end of the records")
)

// segmentHeader opens a segment file.
type segmentHeader struct {
	log         txn.UUID
	number      uint64
	previousEnd uint64
	first       []int64 // offset of the next record of each stream, order first
}

func headerBytes(partitions int) int { return fixedHeader + 8*(partitions+1) + 4 }

func (h *segmentHeader) partitions() int { return len(h.first) - 1 }

func (h *segmentHeader) encode() []byte {
	b := make([]byte, 0, headerBytes(h.partitions()))
	b = append(b, segmentMagic...)
	b = binary.BigEndian.AppendUint16(b, formatVersion)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(h.partitions()))
	b = append(b, h.log[:]...)
	b = binary.BigEndian.AppendUint64(b, h.number)
	b = binary.BigEndian.AppendUint64(b, h.previousEnd)
	for _, offset := range h.first {
		b = binary.BigEndian.AppendUint64(b, uint64(offset))
	}
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// decodeHeader reads the header at the start of b.
func decodeHeader(b []byte) (*segmentHeader, error) {
	if len(b) < fixedHeader || string(b[:8]) != segmentMagic {
		return nil, errors.New("it does not begin as a segment of marmot's log; restore it from a backup")
	}
	if version := binary.BigEndian.Uint16(b[8:]); version != formatVersion {
		return nil, fmt.Errorf("its format version is %d, this release reads %d; use the release that wrote it, or a later one", version, formatVersion)
	}
	partitions := binary.BigEndian.Uint32(b[12:])
	if partitions == 0 || partitions > maxPartitions || len(b) < headerBytes(int(partitions)) {
		return nil, fmt.Errorf("its header is damaged: %d changes streams; restore it from a backup", partitions)
	}
	size := headerBytes(int(partitions))
	if crc32.Checksum(b[:size-4], castagnoli) != binary.BigEndian.Uint32(b[size-4:]) {
		return nil, errors.New("its header is damaged: the checksum is wrong; restore it from a backup")
	}
	h := &segmentHeader{
		number:      binary.BigEndian.Uint64(b[32:]),
		previousEnd: binary.BigEndian.Uint64(b[40:]),
	}
	copy(h.log[:], b[16:])
	for at := fixedHeader; at < size-4; at += 8 {
		h.first = append(h.first, int64(binary.BigEndian.Uint64(b[at:])))
	}
	return h, nil
}

// frame is a record in a segment.
type frame struct {
	stream  log.Stream
	offset  int64
	timeUS  int64
	durable int64
	value   []byte
}

func (f *frame) size() int { return frameBytes + len(f.value) }

func (f *frame) append(b []byte) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(len(f.value)))
	b = binary.BigEndian.AppendUint32(b, uint32(f.stream))
	b = binary.BigEndian.AppendUint64(b, uint64(f.offset))
	b = binary.BigEndian.AppendUint64(b, uint64(f.timeUS))
	b = binary.BigEndian.AppendUint64(b, uint64(f.durable))
	b = append(b, f.value...)
	binary.BigEndian.PutUint32(b[start:], crc32.Checksum(b[start+4:], castagnoli))
	return b
}

// decodeFrame reads the record at the start of b, whose value shares b. Errors are errEnd and errNotWhole.
func decodeFrame(b []byte, partitions int) (frame, error) {
	if isZero(b[:min(len(b), frameBytes)]) {
		return frame{}, errEnd
	}
	if len(b) < frameBytes {
		return frame{}, errNotWhole
	}
	length := binary.BigEndian.Uint32(b[4:])
	f := frame{
		stream:  log.Stream(int32(binary.BigEndian.Uint32(b[8:]))),
		offset:  int64(binary.BigEndian.Uint64(b[12:])),
		timeUS:  int64(binary.BigEndian.Uint64(b[20:])),
		durable: int64(binary.BigEndian.Uint64(b[28:])),
	}
	if length > MaxValueBytes || int(length) > len(b)-frameBytes || f.stream < log.Order || int(f.stream) >= partitions {
		return frame{}, errNotWhole
	}
	end := frameBytes + int(length)
	if crc32.Checksum(b[4:end], castagnoli) != binary.BigEndian.Uint32(b) {
		return frame{}, errNotWhole
	}
	f.value = b[frameBytes:end:end]
	return f, nil
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// damage says that a place that was on disk no longer holds its record.
type damage struct {
	file string
	at   int64
	what string
}

func (e *damage) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d: %s; nothing was changed. Restore the file from a backup, or move data/log and data/db away and restore the node from a snapshot", e.file, e.at, e.what)
}

// index holds where the records of a segment lie, by stream (order first), from its header's offsets on.
type index [][]uint32

// scan reads the records of a segment from its header to the end of b and checks that offsets follow
// one another. It returns where the records end and whether something other than zeros follows.
// Limit is the bytes in use if they are known, else 0.
func scan(file string, h *segmentHeader, b []byte, limit int64) (found index, end int64, torn bool, err error) {
	found = make(index, len(h.first))
	at := int64(headerBytes(h.partitions()))
	for limit == 0 || at < limit {
		f, err := decodeFrame(b[at:], h.partitions())
		if err == nil {
			err = f.follows(h, found, at)
		}
		if err == nil {
			found[f.stream+1] = append(found[f.stream+1], uint32(at))
			at += int64(f.size())
			continue
		}
		if limit > 0 {
			return nil, 0, false, &damage{file, at, "a record is not whole, but more follow it"}
		}
		if witness, ok := laterWitness(b, at, h.partitions()); ok {
			return nil, 0, false, &damage{file, at, fmt.Sprintf("a record is not whole, but the one at byte %d says that it was on disk", witness)}
		}
		return found, at, !isZero(b[at:]), nil
	}
	return found, at, false, nil
}

// follows checks that the record continues its stream.
func (f *frame) follows(h *segmentHeader, found index, at int64) error {
	s := f.stream + 1
	if f.offset != h.first[s]+int64(len(found[s])) || f.durable > at {
		return errNotWhole
	}
	return nil
}

// laterWitness looks behind a place for a whole record that says that the place was on disk.
func laterWitness(b []byte, place int64, partitions int) (int64, bool) {
	for at := place + 1; at+frameBytes <= int64(len(b)); at++ {
		durable := int64(binary.BigEndian.Uint64(b[at+28:]))
		if durable <= place || durable > at {
			continue
		}
		if _, err := decodeFrame(b[at:], partitions); err == nil {
			return at, true
		}
	}
	return 0, false
}

// encodeGenesis and decodeGenesis are the bytes of the genesis file.
func encodeGenesis(e log.Entry) []byte {
	b := append([]byte(genesisMagic), 0, formatVersion)
	b = binary.BigEndian.AppendUint64(b, uint64(e.TimeUS))
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Value)))
	b = append(b, e.Value...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeGenesis(b []byte) (log.Entry, error) {
	const fixed = 8 + 2 + 8 + 4
	if len(b) < fixed+4 || string(b[:8]) != genesisMagic {
		return log.Entry{}, errors.New("it is damaged")
	}
	// The version comes first: where the checksum of another one lies is not known.
	if version := binary.BigEndian.Uint16(b[8:]); version != formatVersion {
		return log.Entry{}, fmt.Errorf("its format version is %d, this release reads %d; use the release that wrote it, or a later one", version, formatVersion)
	}
	if crc32.Checksum(b[:len(b)-4], castagnoli) != binary.BigEndian.Uint32(b[len(b)-4:]) {
		return log.Entry{}, errors.New("it is damaged")
	}
	value := b[fixed : len(b)-4]
	if int(binary.BigEndian.Uint32(b[18:])) != len(value) {
		return log.Entry{}, errors.New("it is damaged")
	}
	return log.Entry{TimeUS: int64(binary.BigEndian.Uint64(b[10:])), Value: value}, nil
}

// frameSize returns the size of the record whose header is in b.
func frameSize(b []byte) int64 { return frameBytes + int64(binary.BigEndian.Uint32(b[4:])) }
