package settings

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Program describes what one program can be configured with.
type Program struct {
	Keys []Key
	// EnvPrefix opens the names of environment variables that set keys: MARMOT_.
	EnvPrefix string
	// ReservedEnv are variables with the prefix that are no keys, such as secrets, which belong in no
	// file. One that ends in an underscore stands for all that begin with it.
	ReservedEnv []string
	// Files are looked for, in order, when no file is named.
	Files []string
	// Listing is the command that lists the keys, for messages.
	Listing string
	// Open are tables of the file that may hold keys beyond Keys, whose names the program checks itself: "debezium". A key
	// with dots in its name is written in quotation marks there.
	Open []string
}

// Config is the effective configuration of a program: for each key a value and where
// it came from. Flags override the environment, which overrides the file.
type Config struct {
	File    string // the file read, or empty
	program *Program
	values  map[string]string
	source  map[string]string
	open    map[string]map[string]string // by table: what is not in Keys, under the name as written
}

// ErrConfiguration is what every error of Load is one of: a file that cannot be read, or an *Error.
var ErrConfiguration = errors.New("wrong configuration")

// Error is a setting that cannot be used.
type Error struct {
	Key    string
	Value  string
	Source string // file, environment variable or flag
	Reason string // what is wanted
}

// Error names the key, its value, where it was set and what is wanted.
func (e *Error) Error() string {
	return fmt.Sprintf("configuration key %s = %q (from %s): %s", e.Key, e.Value, e.Source, e.Reason)
}

// Is makes it an ErrConfiguration.
func (e *Error) Is(target error) bool { return target == ErrConfiguration }

// Flags adds one flag for each key to the set, so that --mysql.listen ADDRESS works.
func (p *Program) Flags(set *pflag.FlagSet) {
	for _, k := range p.Keys {
		if k.Secret {
			continue
		}
		set.String(k.Name, "", k.Doc+" (default "+strconv.Quote(k.Default)+")")
	}
}

// Load reads the configuration: the named file (or the first default file that exists),
// the environment (a list of NAME=value) and the flags that were set. Unknown keys, in the file and in the
// environment, are errors.
func (p *Program) Load(file string, environ []string, flags *pflag.FlagSet) (*Config, error) {
	c := &Config{program: p, values: map[string]string{}, source: map[string]string{}, open: map[string]map[string]string{}}
	v := viper.New()
	if err := c.readFile(v, file); err != nil {
		return nil, err
	}
	env, err := p.readEnvironment(environ)
	if err != nil {
		return nil, err
	}
	for _, k := range c.program.Keys {
		name := strings.ToLower(k.Name)
		c.values[k.Name], c.source[k.Name] = k.Default, "default"
		if v.IsSet(name) {
			c.values[k.Name], c.source[k.Name] = text(v.Get(name)), "file "+c.File
		}
		if value, ok := env[k.Name]; ok {
			c.values[k.Name], c.source[k.Name] = value, "environment "+p.envName(k.Name)
		}
		if flags != nil {
			if f := flags.Lookup(k.Name); f != nil && f.Changed {
				c.values[k.Name], c.source[k.Name] = f.Value.String(), "flag --"+k.Name
			}
		}
		if err := k.validate(c.values[k.Name]); err != nil {
			return nil, c.Bad(k.Name, err.Error())
		}
	}
	return c, nil
}

// readFile reads the TOML file into v and refuses keys that do not exist.
func (c *Config) readFile(v *viper.Viper, file string) error {
	if file == "" {
		for _, candidate := range c.program.Files {
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
			return fmt.Errorf("%w: file %s, line %d, column %d: %s", ErrConfiguration, file, row, column, detail.Error())
		}
		return fmt.Errorf("%w: file %s: %w", ErrConfiguration, file, err)
	}
	for _, name := range v.AllKeys() {
		table, _, _ := strings.Cut(name, ".")
		if !c.program.known(name) && !slices.Contains(c.program.Open, table) {
			return &Error{name, c.program.shown(name, text(v.Get(name))), "file " + file, c.program.unknownReason(name)}
		}
	}
	return c.readOpen(file)
}

// readOpen keeps what open tables hold beyond the fixed keys. viper knows names in small letters only, and here they
// matter: a name may hold the name of a table, or a salt.
func (c *Config) readOpen(file string) error {
	if len(c.program.Open) == 0 {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%w: file %s: %w", ErrConfiguration, file, err)
	}
	var tables map[string]any
	if err := toml.Unmarshal(data, &tables); err != nil {
		return fmt.Errorf("%w: file %s: %w", ErrConfiguration, file, err)
	}
	for _, name := range c.program.Open {
		found := map[string]string{}
		flatten("", tables[name], found)
		for key := range found {
			if c.program.known(name + "." + key) {
				delete(found, key)
			}
		}
		c.open[name] = found
	}
	return nil
}

// flatten joins the names of nested tables with full stops.
func flatten(prefix string, v any, into map[string]string) {
	table, ok := v.(map[string]any)
	if !ok {
		if v != nil {
			into[prefix] = text(v)
		}
		return
	}
	for name, inner := range table {
		if prefix != "" {
			name = prefix + "." + name
		}
		flatten(name, inner, into)
	}
}

// Open returns what the file has below an open table beyond the fixed keys.
func (c *Config) Open(table string) map[string]string { return c.open[table] }

// BadOpen makes the error that says that the value of a key of an open table cannot be used.
func (c *Config) BadOpen(key, value, reason string) error {
	return &Error{key, c.program.shown(key, value), "file " + c.File, reason}
}

// Refuse makes the error that says that the value of a key cannot be used, one of Keys or one of an open table.
func (c *Config) Refuse(key, value, reason string) error {
	if c.program.known(key) {
		return c.Bad(key, reason)
	}
	return c.BadOpen(key, value, reason)
}

// readEnvironment picks the configuration keys out of the environment.
func (p *Program) readEnvironment(environ []string) (map[string]string, error) {
	byEnv := map[string]string{}
	for _, k := range p.Keys {
		byEnv[p.envName(k.Name)] = k.Name
	}
	found := map[string]string{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, p.EnvPrefix) || p.reserved(name) {
			continue
		}
		key, ok := byEnv[name]
		if !ok {
			return nil, &Error{name, "…", "environment", "no such configuration key; `" + p.Listing + "` lists them"}
		}
		found[key] = value
	}
	return found, nil
}

func (p *Program) reserved(name string) bool {
	for _, r := range p.ReservedEnv {
		if name == r || strings.HasSuffix(r, "_") && strings.HasPrefix(name, r) {
			return true
		}
	}
	return false
}

// envName gives the environment variable of a key: dots become underscores.
func (p *Program) envName(key string) string {
	return p.EnvPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

func (p *Program) known(name string) bool {
	for _, k := range p.Keys {
		if strings.EqualFold(k.Name, name) {
			return true
		}
	}
	return false
}

// unknownReason names the nearest key, for the usual mistake is one of spelling.
func (p *Program) unknownReason(name string) string {
	best, distance := "", 4
	for _, k := range p.Keys {
		if d := editDistance(k.Name, name); d < distance {
			best, distance = k.Name, d
		}
	}
	if best != "" {
		return fmt.Sprintf("no such key; did you mean %s?", best)
	}
	return "no such key; `" + p.Listing + "` lists them"
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

// Bad makes the error that says that the value of a key cannot be used.
func (c *Config) Bad(key, reason string) error {
	return &Error{key, c.program.shown(key, c.values[key]), c.source[key], reason}
}

// Fill sets a key whose value was left to be found, and says where it was found.
func (c *Config) Fill(key, value, source string) {
	c.values[key], c.source[key] = value, source
}

// String returns the value of a key as text.
func (c *Config) String(key string) string { return c.values[key] }

// Bool returns the value of a boolean key.
func (c *Config) Bool(key string) bool { return c.values[key] == "true" }

// Int returns the value of a number key.
func (c *Config) Int(key string) int {
	n, _ := strconv.Atoi(c.values[key]) // Load has checked it
	return n
}

// Bytes returns the value of a size key.
func (c *Config) Bytes(key string) int64 {
	n, _ := parseBytes(c.values[key]) // Load has checked it
	return n
}

// Duration returns the value of a duration key.
func (c *Config) Duration(key string) time.Duration {
	d, _ := time.ParseDuration(c.values[key]) // Load has checked it
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
	for _, k := range c.program.Keys {
		lines = append(lines, fmt.Sprintf("%-40s = %-30q # %s", k.Name, c.program.shown(k.Name, c.values[k.Name]), c.source[k.Name]))
	}
	for table, found := range c.open {
		for name, value := range found {
			lines = append(lines, fmt.Sprintf("%-40s = %-30q # file %s", table+"."+strconv.Quote(name), c.program.shown(table+"."+name, value), c.File))
		}
	}
	sort.Strings(lines)
	return lines
}

// userOfAddress is the user, with password, of an address.
var userOfAddress = regexp.MustCompile(`://[^/@,]*@`)
