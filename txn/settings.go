package txn

// What a zero in Settings stands for. Zero stands for the same for ever.
const (
	DefaultRules         = 1
	DefaultWindowRecords = 1 << 20
	DefaultWindowKeys    = 4 << 20
	DefaultCheckpointGap = 4096
)

// NewestRules is the highest version of the ledger's rules that this release knows.
const NewestRules = 1

// WithDefaults returns the settings with every zero replaced by its default.
func (s Settings) WithDefaults() Settings {
	if s.Rules == 0 {
		s.Rules = DefaultRules
	}
	if s.WindowRecords == 0 {
		s.WindowRecords = DefaultWindowRecords
	}
	if s.WindowKeys == 0 {
		s.WindowKeys = DefaultWindowKeys
	}
	if s.CheckpointGap == 0 {
		s.CheckpointGap = DefaultCheckpointGap
	}
	return s
}
