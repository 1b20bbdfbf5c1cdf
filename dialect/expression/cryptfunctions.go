package expression

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"marmot/mysqlerr"
	"marmot/schemas"
	"marmot/txn"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/google/uuid"
)

func cryptFunctions() []function {
	const group = "Encryption and compression"
	return []function{
		{names: "md5", group: group, least: 1, most: 1, args: "b", result: resultText(32), run: hashText(func(b []byte) []byte { h := md5.Sum(b); return h[:] })},
		{names: "sha1 sha", group: group, least: 1, most: 1, args: "b", result: resultText(40), run: hashText(func(b []byte) []byte { h := sha1.Sum(b); return h[:] })},
		{names: "sha2", group: group, least: 2, most: 2, args: "bn", traits: givesNull, result: resultText(128), run: sha2},
		{names: "random_bytes", group: group, least: 1, most: 1, args: "n", traits: isVolatile, result: resultBytes(1024), run: randomBytesFunction},
		{names: "uuid", group: "Miscellaneous", least: 0, most: 0, args: "r", traits: isVolatile, result: resultText(36), run: newUUID},
		{names: "uuid_short", group: "Miscellaneous", least: 0, most: 0, args: "r", traits: isVolatile, result: resultUnsignedInt, run: uuidShort},
		{names: "uuid_to_bin", group: "Miscellaneous", least: 1, most: 2, args: "sn", result: resultBytes(16), run: uuidToBin},
		{names: "bin_to_uuid", group: "Miscellaneous", least: 1, most: 2, args: "bn", result: resultText(36), run: binToUUID},
		{names: "is_uuid", group: "Miscellaneous", least: 1, most: 1, args: "s", traits: givesNull, result: resultBool, run: isUUID},
		{names: "aes_encrypt", group: group, least: 2, most: 6, args: "b", traits: givesNull, result: resultEncrypted, run: aesEncrypt},
		{names: "aes_decrypt", group: group, least: 2, most: 6, args: "b", traits: givesNull, result: resultDecrypted, run: aesDecrypt},
		{names: "compress", group: group, least: 1, most: 1, args: "b", result: resultCompressed, run: compress},
		{names: "uncompress", group: group, least: 1, most: 1, args: "b", traits: givesNull, result: resultBytes(-1), run: uncompress},
		{names: "uncompressed_length", group: group, least: 1, most: 1, args: "b", result: resultBigint, run: uncompressedLength},
		{names: "validate_password_strength", group: group, least: 1, most: 1, args: "s", result: resultBigint, run: passwordStrength},
	}
}

func hashText(hash func(b []byte) []byte) func(r *runtime, args []txn.Value) (txn.Value, error) {
	return func(r *runtime, args []txn.Value) (txn.Value, error) {
		return txn.TextString(hex.EncodeToString(hash(textOf(args[0])))), nil
	}
}

func sha2(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	var sum []byte
	switch r.integer(args[1]) {
	case 0, 256:
		h := sha256.Sum256(b)
		sum = h[:]
	case 224:
		h := sha256.Sum224(b)
		sum = h[:]
	case 384:
		h := sha512.Sum384(b)
		sum = h[:]
	case 512:
		h := sha512.Sum512(b)
		sum = h[:]
	default:
		r.warn(mysqlerr.New(mysql.ER_WRONG_PARAMETERS_TO_NATIVE_FCT, "sha2"))
		return txn.Null(), nil
	}
	return txn.TextString(hex.EncodeToString(sum)), nil
}

func (r *runtime) randomBytes(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(r.random(), b); err != nil {
		return nil, fmt.Errorf("random bytes: %w", err)
	}
	return b, nil
}

func randomBytesFunction(r *runtime, args []txn.Value) (txn.Value, error) {
	n := r.integer(args[0])
	if n < 1 || n > 1024 {
		return txn.Null(), outOfRange("length", "random_bytes")
	}
	b, err := r.randomBytes(int(n))
	return txn.Blob(b), err
}

// newUUID makes a version 1 UUID, as MySQL does: from the time and a random node.
func newUUID(r *runtime, _ []txn.Value) (txn.Value, error) {
	b, err := r.randomBytes(16)
	if err != nil {
		return txn.Null(), err
	}
	// 100 ns since 1582-10-15; below a microsecond it is random, so that two of a statement differ.
	ticks := uint64(wallClock(r).UnixMicro())*10 + 0x01b21dd213814000 + uint64(b[0])%10
	binary.BigEndian.PutUint32(b[0:], uint32(ticks))
	binary.BigEndian.PutUint16(b[4:], uint16(ticks>>32))
	binary.BigEndian.PutUint16(b[6:], uint16(ticks>>48)&0x0fff|0x1000)
	b[8] = b[8]&0x3f | 0x80
	b[10] |= 1 // a multicast address is no real node's
	return txn.TextString(uuidText(b)), nil
}

func uuidText(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func uuidShort(r *runtime, _ []txn.Value) (txn.Value, error) {
	b, err := r.randomBytes(8)
	if err != nil {
		return txn.Null(), err
	}
	return txn.Int(int64(bytesToBits(b) >> 2)), nil
}

func parseUUID(text []byte) ([]byte, bool) {
	s := string(text)
	if len(s) != 32 && len(s) != 36 && len(s) != 38 || strings.HasPrefix(s, "urn:") {
		return nil, false
	}
	u, err := uuid.Parse(s)
	return u[:], err == nil
}

func isUUID(r *runtime, args []txn.Value) (txn.Value, error) {
	_, ok := parseUUID(textOf(args[0]))
	return boolValue(ok), nil
}

// swapTime moves the time parts of a version 1 UUID so that it sorts by time, or back.
func swapTime(b []byte, forth bool) []byte {
	out := bytes.Clone(b)
	if forth {
		copy(out[0:2], b[6:8])
		copy(out[2:4], b[4:6])
		copy(out[4:8], b[0:4])
	} else {
		copy(out[6:8], b[0:2])
		copy(out[4:6], b[2:4])
		copy(out[0:4], b[4:8])
	}
	return out
}

func uuidError(v txn.Value, function string) error {
	return mysqlerr.Newf(mysql.ER_WRONG_VALUE_FOR_TYPE, "Incorrect string value: '%s' for function %s", messageText(textOf(v)), function)
}

func uuidToBin(r *runtime, args []txn.Value) (txn.Value, error) {
	b, ok := parseUUID(textOf(args[0]))
	if !ok {
		return txn.Null(), uuidError(args[0], "uuid_to_bin")
	}
	if len(args) > 1 && r.integer(args[1]) != 0 {
		b = swapTime(b, true)
	}
	return txn.Blob(b), nil
}

func binToUUID(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) != 16 {
		return txn.Null(), uuidError(args[0], "bin_to_uuid")
	}
	if len(args) > 1 && r.integer(args[1]) != 0 {
		b = swapTime(b, false)
	}
	return txn.TextString(uuidText(b)), nil
}

func resultEncrypted(args []Operand) schemas.Type {
	n := textLength(args[0].Type)
	if n >= 0 {
		n = (n*4/16 + 1) * 16
	}
	return bytesType(n)
}

func resultCompressed(args []Operand) schemas.Type {
	n := textLength(args[0].Type)
	if n >= 0 {
		n = n*4*6/5 + 12
	}
	return bytesType(n)
}

func resultDecrypted(args []Operand) schemas.Type { return bytesType(textLength(args[0].Type)) }

// aesKey folds a key to a length, as MySQL does.
func aesKey(key []byte, size int) []byte {
	out := make([]byte, size)
	for i, c := range key {
		out[i%size] ^= c
	}
	return out
}

// aesMode is a block_encryption_mode: aes-128-ecb and so on.
type aesMode struct {
	block   cipher.Block
	mode    string
	initial []byte
}

func (r *runtime) aes(args []txn.Value, function string) (*aesMode, error) {
	name := "aes-128-ecb"
	if v := r.variable("block_encryption_mode"); !v.IsNull() {
		name = strings.ToLower(string(v.Bytes()))
	}
	parts := strings.Split(name, "-")
	size := map[string]int{"128": 16, "192": 24, "256": 32}
	if len(parts) != 3 || size[parts[1]] == 0 {
		return nil, mysqlerr.New(mysql.ER_WRONG_VALUE_FOR_VAR, "block_encryption_mode", name)
	}
	block, err := aes.NewCipher(aesKey(textOf(args[1]), size[parts[1]]))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", function, err)
	}
	m := &aesMode{block: block, mode: parts[2]}
	if m.mode == "ecb" {
		return m, nil
	}
	if len(args) < 3 {
		return nil, mysqlerr.New(mysql.ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, function)
	}
	if m.initial = textOf(args[2]); len(m.initial) < aes.BlockSize {
		return nil, mysqlerr.New(errInitialVector, function, aes.BlockSize)
	}
	m.initial = m.initial[:aes.BlockSize]
	if m.mode != "cbc" && m.mode != "ofb" {
		return nil, mysqlerr.New(mysql.ER_NOT_SUPPORTED_YET, "block_encryption_mode "+name)
	}
	return m, nil
}

// errInitialVector is MySQL's "The initialization vector supplied to %s is too short".
const errInitialVector = 1882

func aesEncrypt(r *runtime, args []txn.Value) (txn.Value, error) {
	m, err := r.aes(args, "aes_encrypt")
	if err != nil {
		return txn.Null(), err
	}
	plain := textOf(args[0])
	if m.mode == "ofb" {
		return txn.Blob(m.stream(plain)), nil
	}
	fill := aes.BlockSize - len(plain)%aes.BlockSize
	in := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(fill)}, fill)...)
	out := make([]byte, len(in))
	last := m.initial
	for i := 0; i < len(in); i += aes.BlockSize {
		one := bytes.Clone(in[i : i+aes.BlockSize])
		for j := range last {
			one[j] ^= last[j]
		}
		m.block.Encrypt(out[i:], one)
		if m.mode == "cbc" {
			last = out[i : i+aes.BlockSize]
		}
	}
	return txn.Blob(out), nil
}

// stream is output feedback, which is its own reverse.
func (m *aesMode) stream(in []byte) []byte {
	out := make([]byte, len(in))
	state := bytes.Clone(m.initial)
	for i := range in {
		if i%aes.BlockSize == 0 {
			m.block.Encrypt(state, state)
		}
		out[i] = in[i] ^ state[i%aes.BlockSize]
	}
	return out
}

func aesDecrypt(r *runtime, args []txn.Value) (txn.Value, error) {
	m, err := r.aes(args, "aes_decrypt")
	if err != nil {
		return txn.Null(), err
	}
	in := textOf(args[0])
	if m.mode == "ofb" {
		return txn.Blob(m.stream(in)), nil
	}
	if len(in) == 0 || len(in)%aes.BlockSize != 0 {
		return txn.Null(), nil
	}
	out := make([]byte, len(in))
	last := m.initial
	for i := 0; i < len(in); i += aes.BlockSize {
		m.block.Decrypt(out[i:], in[i:i+aes.BlockSize])
		for j := range last {
			out[i+j] ^= last[j]
		}
		if m.mode == "cbc" {
			last = in[i : i+aes.BlockSize]
		}
	}
	fill := int(out[len(out)-1])
	if fill < 1 || fill > aes.BlockSize || !bytes.Equal(out[len(out)-fill:], bytes.Repeat([]byte{byte(fill)}, fill)) {
		return txn.Null(), nil
	}
	return txn.Blob(out[:len(out)-fill]), nil
}

// compress is COMPRESS: the length in four bytes, low first, then zlib.
func compress(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) == 0 {
		return txn.Blob(nil), nil
	}
	out := bytes.NewBuffer(binary.LittleEndian.AppendUint32(nil, uint32(len(b))&0x3fffffff))
	w := zlib.NewWriter(out)
	if _, err := w.Write(b); err != nil {
		return txn.Null(), fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return txn.Null(), fmt.Errorf("compress: %w", err)
	}
	packed := out.Bytes()
	if len(b) < oneBlock {
		packed = append(packed[:6], append(endsWithBlock(packed[6:len(packed)-4]), packed[len(packed)-4:]...)...)
	}
	if packed[len(packed)-1] == ' ' {
		packed = append(packed, '.')
	}
	return txn.Blob(packed), nil
}

// oneBlock is the length below which a text is deflated as one block.
const oneBlock = 1 << 14

// endsWithBlock makes one block of deflated data the last one, as zlib writes it, in place of the empty block that Go's package puts
// behind it.
func endsWithBlock(data []byte) []byte {
	out := bytes.Clone(data[:len(data)-4]) // without the empty block's lengths
	for i := len(out) - 1; i >= 0; i-- {
		if out[i] == 0 {
			continue
		}
		bit := bits.Len8(out[i]) - 1 // the empty block's header: it is the last one
		if i == 0 && bit == 0 {
			return data
		}
		out[i] &^= 1 << bit
		out = out[:i+(bit+7)/8]
		out[0] |= 1
		return out
	}
	return data
}

func (r *runtime) badCompressed() (txn.Value, error) {
	r.warn(mysqlerr.New(mysql.ER_ZLIB_Z_DATA_ERROR))
	return txn.Null(), nil
}

func uncompress(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) == 0 {
		return txn.Blob(nil), nil
	}
	if len(b) <= 4 {
		return r.badCompressed()
	}
	length := int64(binary.LittleEndian.Uint32(b) & 0x3fffffff)
	if length > maxPacket {
		r.warn(mysqlerr.New(mysql.ER_TOO_BIG_FOR_UNCOMPRESS, maxPacket))
		return txn.Null(), nil
	}
	z, err := zlib.NewReader(bytes.NewReader(b[4:]))
	if err != nil {
		return r.badCompressed()
	}
	out, err := io.ReadAll(io.LimitReader(z, length+1))
	if err != nil || int64(len(out)) != length {
		return r.badCompressed()
	}
	return txn.Blob(out), nil
}

func uncompressedLength(r *runtime, args []txn.Value) (txn.Value, error) {
	b := textOf(args[0])
	if len(b) <= 4 {
		if len(b) > 0 {
			r.warn(mysqlerr.New(mysql.ER_ZLIB_Z_DATA_ERROR))
		}
		return txn.Int(0), nil
	}
	return txn.Int(int64(binary.LittleEndian.Uint32(b) & 0x3fffffff)), nil
}

// passwordStrength is 0, as without the component validate_password.
func passwordStrength(*runtime, []txn.Value) (txn.Value, error) { return txn.Int(0), nil }
