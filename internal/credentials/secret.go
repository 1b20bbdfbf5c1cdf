package credentials

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Secret is a secret as it is configured: itself, or placeholders for where it lies. However it is printed, it shows as "…".
type Secret string

// hidden is what is shown of a secret.
const hidden = "…"

// String hides it.
func (Secret) String() string { return hidden }

// GoString hides it.
func (Secret) GoString() string { return hidden }

// LogValue hides it.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides it.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// maxSecretBytes bounds a file with secrets: what is larger is none.
const maxSecretBytes = 1 << 20

// placeholder is one of Kafka Connect's configuration providers.
var placeholder = regexp.MustCompile(`\$\{(file|directory|env):([^{}]*)\}`)

// IsReference reports whether the text names where a secret lies, and is none itself.
func IsReference(text string) bool {
	return placeholder.MatchString(text) && placeholder.ReplaceAllString(text, "") == ""
}

// HasReference reports whether a part of the text names where a secret lies.
func HasReference(text string) bool { return placeholder.MatchString(text) }

// Reveal returns the secret with each placeholder replaced.
func (s Secret) Reveal() (string, error) {
	var failed error
	text := placeholder.ReplaceAllStringFunc(string(s), func(found string) string {
		parts := placeholder.FindStringSubmatch(found)
		value, err := look(parts[1], parts[2])
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", found, err)
		}
		return value
	})
	return text, failed
}

// look asks one provider.
func look(provider, where string) (string, error) {
	if provider == "env" {
		value, ok := os.LookupEnv(where)
		if !ok {
			return "", errors.New("there is no such environment variable")
		}
		return value, nil
	}
	colon := strings.LastIndexByte(where, ':')
	if colon < 1 || colon == len(where)-1 {
		return "", errors.New("want a path, a colon and a key")
	}
	path, key := where[:colon], where[colon+1:]
	if provider == "directory" {
		if filepath.Base(key) != key {
			return "", errors.New("want the name of a file behind the colon")
		}
		return Line(filepath.Join(path, key))
	}
	data, err := read(path)
	if err != nil {
		return "", err
	}
	return property(string(data), key)
}

// Line reads a secret that is alone in a file; a line break at its end is none of it.
func Line(file string) (string, error) {
	data, err := read(file)
	if err != nil {
		return "", err
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", fmt.Errorf("file %s is empty", file)
	}
	return text, nil
}

// read reads a file that is no larger than secrets and certificates are.
func read(file string) ([]byte, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir() || info.Size() > maxSecretBytes:
		return nil, fmt.Errorf("file %s: want a file of at most %d bytes", file, maxSecretBytes)
	}
	return os.ReadFile(file)
}

// property finds a key in a file of Java's properties. Lines that go on in the next one are not.
func property(text, key string) (string, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, maxSecretBytes+1)
	for lines.Scan() {
		line := strings.TrimLeft(lines.Text(), " \t\f")
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		at := strings.IndexAny(line, "=: \t")
		if at < 0 || line[:at] != key {
			continue
		}
		value := strings.TrimLeft(line[at:], " \t")
		if value != "" && (value[0] == '=' || value[0] == ':') {
			value = strings.TrimLeft(value[1:], " \t")
		}
		return unescape(strings.TrimRight(value, "\r")), nil
	}
	return "", fmt.Errorf("the file has no key %s", key)
}

// unescape takes backslashes as Java's properties have them; \u is left as it is.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) || text[i+1] == 'u' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch text[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
