package broker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"marmot/debezium"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// storeEvery is how far the stored progress may lie behind the published one: what a crash makes come again.
	storeEvery = 500 * time.Millisecond
	// storeTimeout bounds the wait for what is on its way when an emitter is told to rest, and for the last progress when a publisher closes.
	storeTimeout = 2 * time.Second
)

// behind stores the progress of a publisher without transactions, after the events and not with each batch.
type behind struct {
	mu     sync.Mutex
	acked  debezium.Progress // of what Kafka has
	stored debezium.Progress
	timer  *time.Timer // nil: nothing is to be stored
	closed bool
}

// latest returns what goes further: the stored progress or that of this process.
func (b *behind) latest(stored debezium.Progress) debezium.Progress {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = false
	if b.acked.Reset == stored.Reset && !older(b.acked, stored) {
		return b.acked
	}
	b.acked, b.stored = stored, stored
	return stored
}

// outlasting returns a context that ends so long after ctx. What is on its way when an emitter is told to rest arrives, and is known to have arrived, so it
// does not come again.
func outlasting(ctx context.Context, longer time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(longer, cancel) })
	return out, func() {
		stop()
		cancel()
	}
}

// publishSoon writes the batch and waits until Kafka has it. Records of one partition stay in order: the producer is idempotent, and
// after an error the caller goes on from what is known to be there.
func (p *Publisher) publishSoon(ctx context.Context, batch []debezium.Record, progress debezium.Progress) error {
	whole, cancel := outlasting(ctx, storeTimeout)
	defer cancel()
	if failed := p.produceUntil(whole, batch); failed.err != nil {
		err := fmt.Errorf("produce: %w", failed.err)
		if errors.Is(err, kerr.MessageTooLarge) {
			return p.tooLarge(ctx, batch, failed.index, err)
		}
		return err
	}
	b := &p.behind
	b.mu.Lock()
	b.acked = progress
	b.mu.Unlock()
	if len(batch) == 0 {
		return p.store(ctx, progress)
	}
	p.storeSoon()
	return nil
}

// produceUntil writes a batch, without a limit of time: the client knows what it has sent, and sends nothing twice when Kafka is back. A batch that is on
// its way when ctx ends is given up with the client, which has no other end of the wait for it.
func (p *Publisher) produceUntil(ctx context.Context, batch []debezium.Record) produced {
	defer context.AfterFunc(ctx, p.end)()
	began := time.Now()
	telling := time.AfterFunc(p.patient, func() {
		p.options.Logger.Warn("events wait: Kafka has not said that it has them", "emitter", p.options.Emission, "for", time.Since(began).Round(time.Second))
	})
	defer telling.Stop()
	return p.produce(ctx, batch, nil)
}

// storeSoon lets what is published be stored in a while.
func (p *Publisher) storeSoon() {
	b := &p.behind
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer == nil && !b.closed && b.acked != b.stored {
		client := p.client
		b.timer = time.AfterFunc(storeEvery, func() { p.storeLater(client) })
	}
}

// stop takes back what storeSoon began.
func (b *behind) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
}

// store writes progress and waits until Kafka has it. mu must not be held: the client's answers need it.
func (p *Publisher) store(ctx context.Context, progress debezium.Progress) error {
	record, err := p.progressRecord(progress)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, p.end)()
	if err := p.client.ProduceSync(ctx, record).FirstErr(); err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	p.noteStored(progress)
	return nil
}

func (p *Publisher) noteStored(progress debezium.Progress) {
	p.behind.mu.Lock()
	defer p.behind.mu.Unlock()
	if !older(progress, p.behind.stored) {
		p.behind.stored = progress
		p.resume.Store(uint64(progress.Position))
	}
}

func (p *Publisher) progressRecord(progress debezium.Progress) (*kgo.Record, error) {
	value, err := encodeProgress(progress, p.options.ClusterID)
	if err != nil {
		return nil, fmt.Errorf("progress record: %w", err)
	}
	return &kgo.Record{Topic: ProgressTopic(p.options.Cluster), Key: []byte(p.options.Emission), Value: value}, nil
}

// storeLater is called by the timer and waits for nothing; what fails is stored with the next batch.
func (p *Publisher) storeLater(client *kgo.Client) {
	b := &p.behind
	b.mu.Lock()
	progress := b.acked
	b.timer = nil
	closed := b.closed
	b.mu.Unlock()
	if closed {
		return
	}
	record, err := p.progressRecord(progress)
	if err != nil {
		p.options.Logger.Warn("progress of an emitter is not stored", "emitter", p.options.Emission, "error", err)
		return
	}
	client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
		if errors.Is(err, kgo.ErrClientClosed) {
			return // who closed it sees to the progress
		}
		if err != nil {
			p.options.Logger.Warn("progress of an emitter is not stored", "emitter", p.options.Emission, "error", err)
			return
		}
		p.noteStored(progress)
	})
}

// closeBehind stores what is published, so that nothing comes again.
func (p *Publisher) closeBehind() {
	b := &p.behind
	b.mu.Lock()
	b.closed = true
	acked, stored := b.acked, b.stored
	b.mu.Unlock()
	if acked == stored {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if err := p.store(ctx, acked); err != nil {
		p.options.Logger.Warn("the last progress of an emitter is not stored; some events will come again", "emitter", p.options.Emission, "error", err)
	}
}
