package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestAClusterBehindTLSAndSASL runs nodes, an emitter and marmot-connect on brokers that want SCRAM over TLS, with no more rights than docs/security.md lists. The node
// that emits and marmot-connect are killed. Then the password is wrong for a while, as in the midst of a change: nodes say so, and go on once it is right.
func TestAClusterBehindTLSAndSASL(t *testing.T) {
	needE2E(t)
	t.Setenv("MARMOT_TEST_SECURE", "1")
	c := startCluster(t, 3, 1)
	secrets := filepath.Join(c.dir, "kafka", "secure")
	passwordFile := filepath.Join(secrets, "marmot.password")
	password, err := os.ReadFile(passwordFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"SECURITY_PROTOCOL": "SASL_SSL", "SASL_MECHANISM": "SCRAM-SHA-256", "SASL_USERNAME": "marmot",
		"SASL_PASSWORD": strings.TrimSpace(string(password)), "SSL_CA_FILE": filepath.Join(secrets, "ca.pem")} {
		t.Setenv("MARMOT_CONNECT_KAFKA_"+name, value)
	}
	events := t.TempDir()
	p := c.startConnect(events, "marmot")
	c.exec(0, "", "CREATE DATABASE shop")
	c.exec(0, "shop", "CREATE TABLE item (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40))")
	c.settle()
	rows := 0
	insert := func(nodes ...int) {
		for _, node := range nodes {
			rows++
			c.exec(node, "shop", fmt.Sprintf("INSERT INTO item (name) VALUES ('row %d')", rows))
		}
	}
	insert(0, 1, 2, 0, 1, 2)
	owner := c.emitter()
	c.do("kill-node", strconv.Itoa(owner))
	p.kill()
	insert(owner%3, (owner+1)%3)
	p = c.startConnect(events, "marmot")
	c.do("start-node", strconv.Itoa(owner))
	insert(0, 1, 2)

	if err := os.WriteFile(passwordFile, []byte("not-the-password"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.do("kill-broker", "1")
	c.do("start-broker", "1")
	c.within(time.Minute, "a node says that its password is refused", func() bool {
		text, err := os.ReadFile(filepath.Join(c.dir, "node-1", "marmot.log"))
		return err == nil && strings.Contains(string(text), `log.sasl.password_file = `) && strings.Contains(string(text), `refuses user \"marmot\" by SCRAM-SHA-512`)
	})
	if err := os.WriteFile(passwordFile, password, 0o600); err != nil {
		t.Fatal(err)
	}
	for node := range c.MySQL { // each finds its own way back, and a commit on it may have an unknown outcome before
		c.within(time.Minute, "a commit after the password is right again", func() bool {
			_, err := c.open(node, "shop").Exec("INSERT INTO item (name) VALUES ('after the change')")
			return err == nil
		})
	}
	c.sameAsEvents(p, events, "shop", c.sameFiles("shop"))
	c.showNoSecret(strings.TrimSpace(string(password)), "not-the-password")
}

// showNoSecret looks through the logs of all nodes.
func (c *cluster) showNoSecret(secrets ...string) {
	c.t.Helper()
	for i := range c.Data {
		text, err := os.ReadFile(filepath.Join(c.dir, fmt.Sprintf("node-%d", i+1), "marmot.log"))
		if err != nil {
			c.t.Fatal(err)
		}
		for _, secret := range secrets {
			if strings.Contains(string(text), secret) {
				c.t.Errorf("the log of node %d holds a password", i+1)
			}
		}
	}
}
