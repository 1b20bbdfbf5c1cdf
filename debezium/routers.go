package debezium

// newRegexRouter is Connect's RegexRouter: another topic by a regular expression.
func newRegexRouter(p *propertyReader, _ func(string)) Transform {
	pattern := p.pattern("regex", "", true)
	replacement := p.replacement("replacement", "", pattern)
	p.required("replacement")
	return transformFunc(func(m Message) (Message, bool, error) {
		topic, ok, err := pattern.replace(m.Topic, replacement)
		if ok {
			m.Topic = topic
		}
		return m, true, err
	})
}

// newFilter is Connect's Filter, which drops what its predicate takes.
func newFilter(*propertyReader, func(string)) Transform {
	return transformFunc(func(m Message) (Message, bool, error) { return m, false, nil })
}

// logicalRouter is io.debezium.transforms.ByLogicalTableRouter: tables that share a topic, with the table in the key.
type logicalRouter struct {
	topic, keyField                     *javaPattern
	topicReplacement, keyReplacement    string
	unique                              bool
	keyName                             string
	names                               Options // how schemas are named
	keys, values                        schemaCache[renamedSchema]
	lastTopic, newTopic, identification string // of the message before: most have its topic
}

// renamedSchema is a schema for another topic.
type renamedSchema struct {
	schema *Schema
	topic  string
}

// logicalRouterBuilder gives the router's builder with the default of key.field.name.
func logicalRouterBuilder(keyName string) builder {
	return func(p *propertyReader, _ func(string)) Transform {
		r := &logicalRouter{
			topic: p.pattern("topic.regex", "", true), unique: p.flag("key.enforce.uniqueness", true),
			keyField: p.pattern("key.field.regex", "", false), keyName: p.text("key.field.name", keyName),
			keys: schemaCache[renamedSchema]{}, values: schemaCache[renamedSchema]{},
		}
		r.topicReplacement = p.replacement("topic.replacement", "", r.topic)
		p.required("topic.replacement")
		r.keyReplacement = p.replacement("key.field.replacement", "", r.keyField)
		if r.keyField != nil && r.keyReplacement == "" {
			p.fail("key.field.replacement", "must not be empty if key.field.regex is given")
		}
		r.names.SchemaNames = p.word("schema.name.adjustment.mode", AdjustNone, AdjustNone, AdjustAvro, AdjustAvroUnicode)
		p.text("logical.table.cache.size", "") // caches are bounded here
		p.text("logical.destination.cache.size", "")
		return r
	}
}

// Apply implements Transform.
func (r *logicalRouter) Apply(m Message) (Message, bool, error) {
	if err := r.route(m.Topic); err != nil {
		return m, false, err
	}
	if r.newTopic == "" {
		return m, true, nil
	}
	m.Topic = r.newTopic
	if m.Key.Value == nil {
		m.Key = Datum{}
	} else if err := r.key(&m); err != nil {
		return m, false, err
	}
	if m.Value.Value != nil && m.isEnvelope() {
		s, err := r.values.get(renamedSchema{m.Value.Schema, m.Topic}, func() (*Schema, error) { return r.envelope(m.Value.Schema, m.Topic), nil })
		m.Value.Schema = s
		return m, true, err
	}
	return m, true, nil
}

// route finds the new topic of an old one, empty if it stays, and what names it in keys.
func (r *logicalRouter) route(topic string) error {
	if topic == r.lastTopic {
		return nil
	}
	to, _, err := r.topic.replace(topic, r.topicReplacement)
	if err != nil {
		return err
	}
	identification := topic
	if r.keyField != nil {
		replaced, ok, err := r.keyField.replace(topic, r.keyReplacement)
		if err != nil {
			return err
		}
		if ok {
			identification = replaced
		}
	}
	r.lastTopic, r.newTopic, r.identification = topic, to, identification
	return nil
}

// key renames the key's schema and adds what tells the tables apart.
func (r *logicalRouter) key(m *Message) error {
	row, err := m.Key.object("updating schema")
	if err != nil {
		return err
	}
	old := m.Key.Schema
	s, err := r.keys.get(renamedSchema{old, m.Topic}, func() (*Schema, error) {
		s := old.basics()
		s.Optional, s.Name = old.Optional, r.names.schemaName(m.Topic+".Key")
		if r.unique {
			s.Fields = append(s.Fields, Field{r.keyName, &Schema{Kind: KindString}})
		}
		return s, nil
	})
	if err != nil {
		return err
	}
	values := rowOf(old, row, false, 1)
	if r.unique {
		values = append(values, r.identification)
	}
	m.Key = Datum{s, values}
	return nil
}

// envelope renames an envelope's schema and those of its rows.
func (r *logicalRouter) envelope(old *Schema, topic string) *Schema {
	s := old.basics()
	s.Optional, s.Name = old.Optional, r.names.schemaName(topic+".Envelope")
	row := old.field("before")
	if row == nil {
		row = old.field("after")
	}
	if row == nil {
		return s
	}
	renamed := row.basics()
	renamed.Optional, renamed.Name = row.Optional, r.names.schemaName(topic+".Value")
	for i := range s.Fields {
		if f := &s.Fields[i]; f.Name == "before" || f.Name == "after" {
			f.Schema = renamed
		}
	}
	return s
}
