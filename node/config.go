package node

import (
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// envPrefix opens the names of environment variables that set configuration keys.
const envPrefix = "MARMOT_"

// reservedEnv are variables with the prefix that are no configuration keys: secrets, which
// belong in no file, and what steers the project's own tests.
var reservedEnv = []string{"MARMOT_ROOT_PASSWORD", "MARMOT_CONFIG", "MARMOT_TEST_", "MARMOT_CONNECT_"}

// defaultFiles are looked for, in order, when no file is named.
var defaultFiles = []string{"./marmot.toml", "/etc/marmot/marmot.toml"}

// Config is the effective configuration of a node: for each key a value and where
// it came from. Flags override the environment, which overrides the file.
type Config struct {
	File   string // the file read, or empty
	values map[string]string
	source map[string]string
}

// ConfigError is a setting that cannot be used.
type ConfigError struct {
	Key    string
	Value  string
	Source string // file, environment variable or flag
	Reason string // what is wanted
}

// Error names the key, its value, where it was set and what is wanted.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("configuration key %s = %q (from %s): %s", e.Key, e.Value, e.Source, e.Reason)
}

// Flags adds one flag for each key to the set, so that --mysql.listen ADDRESS works.
func Flags(set *pflag.FlagSet) {
	for _, k := range Keys() {
		set.String(k.Name, "", k.Doc+" (default "+strconv.Quote(k.Default)+")")
	}
}

// LoadConfig reads the configuration: the named file (or the first default file that exists),
// the environment (a list of NAME=value) and the flags that were set. Unknown keys, in the file and in the
// environment, are errors.
func LoadConfig(file string, environ []string, flags *pflag.FlagSet) (*Config, error) {
	c := &Config{values: map[string]string{}, source: map[string]string{}}
	v := viper.New()
	if err := c.readFile(v, file); err != nil {
		return nil, err
	}
	env, err := readEnvironment(environ)
	if err != nil {
		return nil, err
	}
	for _, k := range Keys() {
		name := strings.ToLower(k.Name)
		c.values[k.Name], c.source[k.Name] = k.Default, "default"
		if v.IsSet(name) {
			c.values[k.Name], c.source[k.Name] = text(v.Get(name)), "file "+c.File
		}
		if value, ok := env[k.Name]; ok {
			c.values[k.Name], c.source[k.Name] = value, "environment "+envName(k.Name)
		}
		if flags != nil {
			if f := flags.Lookup(k.Name); f != nil && f.Changed {
				c.values[k.Name], c.source[k.Name] = f.Value.String(), "flag --"+k.Name
			}
		}
		if err := k.validate(c.values[k.Name]); err != nil {
			return nil, &ConfigError{k.Name, c.values[k.Name], c.source[k.Name], err.Error()}
		}
	}
	return c, c.finish()
}

// readFile reads the TOML file into v and refuses keys that do not exist.
func (c *Config) readFile(v *viper.Viper, file string) error {
	if file == "" {
		for _, candidate := range defaultFiles {
			if _, err := os.Stat(candidate); err == nil {
				file = candidate
				break
			}
		}
		if file == "" {
			return nil
		}
	}
	c.File = file
	v.SetConfigFile(file)
	v.SetConfigType("toml")
	if err := v.ReadInConfig(); err != nil {
		var parse viper.ConfigParseError
		var detail *toml.DecodeError
		if errors.As(err, &parse) && errors.As(err, &detail) {
			row, column := detail.Position()
			return fmt.Errorf("configuration file %s, line %d, column %d: %s", file, row, column, detail.Error())
		}
		return fmt.Errorf("configuration file %s: %w", file, err)
	}
	for _, name := range v.AllKeys() {
		if !known(name) {
			return &ConfigError{name, text(v.Get(name)), "file " + file, unknownReason(name)}
		}
	}
	return nil
}

// readEnvironment picks the configuration keys out of the environment.
func readEnvironment(environ []string) (map[string]string, error) {
	byEnv := map[string]string{}
	for _, k := range Keys() {
		byEnv[envName(k.Name)] = k.Name
	}
	found := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || reserved(name) {
			continue
		}
		key, ok := byEnv[name]
		if !ok {
			return nil, &ConfigError{name, "…", "environment", "no such configuration key; `marmot config keys` lists them"}
		}
		found[key] = value
	}
	return found, nil
}

func reserved(name string) bool {
	for _, r := range reservedEnv {
		if name == r || strings.HasSuffix(r, "_") && strings.HasPrefix(name, r) {
			return true
		}
	}
	return false
}

// envName gives the environment variable of a key: dots become underscores.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func known(name string) bool {
	for _, k := range Keys() {
		if strings.EqualFold(k.Name, name) {
			return true
		}
	}
	return false
}

// unknownReason names the nearest key, for the usual mistake is one of spelling.
func unknownReason(name string) string {
	best, distance := "", 4
	for _, k := range Keys() {
		if d := editDistance(k.Name, name); d < distance {
			best, distance = k.Name, d
		}
	}
	if best != "" {
		return fmt.Sprintf("no such key; did you mean %s?", best)
	}
	return "no such key; `marmot config keys` lists them"
}

func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

// text spells a value of a TOML file as the flag would be spelt.
func text(v any) string {
	if list, ok := v.([]any); ok {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = fmt.Sprint(e)
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

// finish fills what depends on other keys and checks what must agree.
func (c *Config) finish() error {
	if c.values["node.id"] == "" {
		host, err := os.Hostname()
		if err != nil {
			return &ConfigError{"node.id", "", c.source["node.id"], "the host has no name; set node.id"}
		}
		c.values["node.id"], c.source["node.id"] = strings.Map(topicRune, host), "host name"
	}
	if c.values["debezium.topic.prefix"] == "" {
		c.values["debezium.topic.prefix"], c.source["debezium.topic.prefix"] = c.values["cluster.name"], "cluster.name"
	}
	if c.values["debezium.topic.replication"] == "0" {
		c.values["debezium.topic.replication"], c.source["debezium.topic.replication"] = c.values["log.replication"], "log.replication"
	}
	if c.String("log.kind") == "kafka" && len(c.List("log.brokers")) == 0 {
		return &ConfigError{"log.brokers", "", c.source["log.brokers"], "log.kind is kafka: name at least one broker, host:port"}
	}
	if (c.String("mysql.tls_cert") == "") != (c.String("mysql.tls_key") == "") {
		return &ConfigError{"mysql.tls_cert", c.String("mysql.tls_cert"), c.source["mysql.tls_cert"], "set mysql.tls_cert and mysql.tls_key together"}
	}
	return nil
}

func topicRune(r rune) rune {
	if topicChars.MatchString(string(r)) {
		return r
	}
	return '_'
}

// String returns the value of a key as text.
func (c *Config) String(key string) string { return c.values[key] }

// Bool returns the value of a boolean key.
func (c *Config) Bool(key string) bool { return c.values[key] == "true" }

// Int returns the value of a number key.
func (c *Config) Int(key string) int {
	n, _ := strconv.Atoi(c.values[key]) // LoadConfig has checked it
	return n
}

// Bytes returns the value of a size key.
func (c *Config) Bytes(key string) int64 {
	n, _ := parseBytes(c.values[key]) // LoadConfig has checked it
	return n
}

// Duration returns the value of a duration key.
func (c *Config) Duration(key string) time.Duration {
	d, _ := time.ParseDuration(c.values[key]) // LoadConfig has checked it
	return d
}

// List returns the parts of a comma-separated key, without blanks.
func (c *Config) List(key string) []string {
	var parts []string
	for _, p := range strings.Split(c.values[key], ",") {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// Effective returns one line for each key: name = "value" and where it came from.
func (c *Config) Effective() []string {
	lines := make([]string, 0, len(c.values))
	for _, k := range Keys() {
		lines = append(lines, fmt.Sprintf("%-40s = %-30q # %s", k.Name, c.values[k.Name], c.source[k.Name]))
	}
	sort.Strings(lines)
	return lines
}
