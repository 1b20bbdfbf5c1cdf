package registry

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
)

// ID is the registry's number of a schema.
type ID uint32

// Type is the language of a schema.
type Type int

// The languages.
const (
	Avro Type = iota
	JSON
	Protobuf
)

// Mode is how a schema gets its ID.
type Mode int

// The modes: register what is new, take only what somebody else has registered, or take the latest version of the subject.
const (
	Register Mode = iota
	LookUp
	Latest
)

// requestTimeout bounds one request: a registry that says nothing is one that cannot be reached.
const requestTimeout = 15 * time.Second

// maxIDs bounds the answers that a client remembers; all are forgotten when there are more.
const maxIDs = 10_000

// refusedFor is how long a refusal is remembered: each event of a table would ask else, and somebody may mend what is refused.
const refusedFor = 10 * time.Second

// Client asks a registry. Owned by one goroutine.
type Client struct {
	options  Options
	registry *sr.Client // nil until the first question
	// transport and made are of registry: how it connects, and the fingerprint of the certificates and secrets that it was made with.
	transport *http.Transport
	made      string
	ids       map[question]ID
	refused   map[question]refusal
}

type question struct{ subject, schema string }

type refusal struct {
	err   error
	until time.Time
}

// New returns a client. It reads certificates and connects when it is asked.
func New(o Options) *Client {
	return &Client{options: o, ids: map[question]ID{}, refused: map[question]refusal{}}
}

// open makes the client of the registry, anew if certificates or secrets are others than they were.
func (c *Client) open() error {
	urls, user, err := c.options.urls()
	if err != nil {
		return err
	}
	bearer, err := c.options.Bearer.Reveal()
	if err != nil {
		return fmt.Errorf("bearer.auth.token: %w", err)
	}
	login := ""
	if user != nil {
		login = user.String()
	}
	fingerprint, err := c.options.TLS.Fingerprint(login, bearer)
	if err != nil || c.registry != nil && c.made == fingerprint {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if transport.TLSClientConfig, err = c.options.TLS.Config(time.Now()); err != nil {
		return err
	}
	if c.options.Proxy != nil {
		transport.Proxy = http.ProxyURL(c.options.Proxy)
	}
	options := []sr.ClientOpt{sr.URLs(urls...), sr.UserAgent("marmot"), sr.HTTPClient(&http.Client{Transport: transport, Timeout: requestTimeout})}
	if user != nil {
		password, _ := user.Password()
		options = append(options, sr.BasicAuth(user.Username(), password))
	}
	if bearer != "" {
		options = append(options, sr.BearerToken(bearer))
	}
	registry, err := sr.NewClient(options...)
	if err != nil {
		return err
	}
	if c.transport != nil {
		c.transport.CloseIdleConnections()
	}
	c.registry, c.transport, c.made = registry, transport, fingerprint
	return nil
}

// ID returns the ID of a schema under a subject.
func (c *Client) ID(ctx context.Context, mode Mode, subject string, t Type, schema string) (ID, error) {
	q := question{subject, schema}
	if id, ok := c.ids[q]; ok {
		return id, nil
	}
	if r, ok := c.refused[q]; ok && time.Now().Before(r.until) {
		return 0, r.err
	}
	id, err := c.ask(ctx, mode, subject, t, schema)
	if err = advise(err); err != nil {
		err = fmt.Errorf("schema registry: subject %s: %w", subject, err)
		c.refuse(q, err)
		return 0, err
	}
	if len(c.ids) >= maxIDs {
		clear(c.ids)
	}
	c.ids[q] = id
	delete(c.refused, q)
	return id, nil
}

// refuse remembers a refusal for a while.
func (c *Client) refuse(q question, err error) {
	var refused *RefusedError
	if !errors.As(err, &refused) {
		return
	}
	if len(c.refused) >= maxIDs {
		clear(c.refused)
	}
	c.refused[q] = refusal{err, time.Now().Add(refusedFor)}
}

func (c *Client) ask(ctx context.Context, mode Mode, subject string, t Type, schema string) (ID, error) {
	if err := c.open(); err != nil {
		return 0, err
	}
	s := sr.Schema{Schema: schema, Type: [...]sr.SchemaType{Avro: sr.TypeAvro, JSON: sr.TypeJSON, Protobuf: sr.TypeProtobuf}[t]}
	if c.options.Normalize {
		ctx = sr.WithParams(ctx, sr.Normalize)
	}
	switch mode {
	case LookUp:
		found, err := c.registry.LookupSchema(ctx, subject, s)
		return ID(found.ID), short(err)
	case Latest:
		found, err := c.registry.SchemaByVersion(ctx, subject, -1)
		if err != nil {
			return 0, short(err)
		}
		if !sameForm(t, found.Schema.Schema, schema) {
			return 0, &RefusedError{fmt.Sprintf("version %d is not the schema of the event, which is %s", found.Version, schema)}
		}
		return ID(found.ID), nil
	}
	id, err := c.registry.RegisterSchema(ctx, subject, s, -1, -1)
	return ID(id), short(err)
}

// RefusedError is the registry's last word on a schema: asking again does not help.
type RefusedError struct{ Reason string }

// Error gives the registry's reason.
func (e *RefusedError) Error() string { return "refused: " + e.Reason }

// short makes an error of an answer that fits a line of a log, and a *RefusedError of one that is final.
func short(err error) error {
	var answer *sr.ResponseError
	if !errors.As(err, &answer) {
		return err
	}
	text := answer.Message
	if text == "" {
		text = string(answer.Raw)
	}
	if text = strings.Join(strings.Fields(text), " "); len(text) > maxReason {
		text = text[:maxReason] + "…"
	}
	text = fmt.Sprintf("%s (%d, error %d)", text, answer.StatusCode, answer.ErrorCode)
	if final(answer) {
		return &RefusedError{text}
	}
	return &statusError{answer.StatusCode, text}
}

// maxReason bounds what is quoted of an answer; a registry names each part that does not fit.
const maxReason = 1000

// advise says what mends an error of TLS or of the login.
func advise(err error) error {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var answer *statusError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%w; put the certificate of the registry's authority, in PEM, into the file of schema.registry.ssl.truststore.location", err)
	case errors.As(err, &name):
		return fmt.Errorf("%w; name the registry in schema.registry.url as its certificate does", err)
	case errors.As(err, &answer) && answer.status == http.StatusUnauthorized:
		return fmt.Errorf("%w; the registry wants another login: see basic.auth.user.info or bearer.auth.token, or schema.registry.ssl.keystore.location for a certificate", err)
	case errors.As(err, &answer) && answer.status == http.StatusForbidden:
		return fmt.Errorf("%w; the registry's user lacks a right on the subject", err)
	}
	return err
}

// statusError is an answer that is not about the schema.
type statusError struct {
	status int
	text   string
}

// Error gives the registry's reason.
func (e *statusError) Error() string { return e.text }

// final reports whether an answer is about the schema: incompatible (409), invalid or not to be had (422), or unknown
// (404 with one of the registry's own codes, whereas any web server has a 404 for a wrong address).
func final(answer *sr.ResponseError) bool {
	switch answer.StatusCode {
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return true
	case http.StatusNotFound:
		return answer.ErrorCode/100 == http.StatusNotFound
	}
	return false
}
