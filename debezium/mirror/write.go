package mirror

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"marmot/debezium"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// run is what one partition gets of a batch.
type run struct {
	topic     string
	partition int32
	records   []*kgo.Record
}

// write hands a batch to the broker in one request. The broker answers one request after the other, so consumers see all of the
// batch or nothing, whatever topics it goes to: also those that are new. (A batch with a row of nearly a gigabyte is the exception: each
// partition gets a request.) It sets the records' partitions and offsets.
func (m *Mirror) write(ctx context.Context, batch []debezium.Record) ([]*kgo.Record, error) {
	records := make([]*kgo.Record, len(batch))
	var runs []*run
	known := map[span]*run{}
	partitioners := map[string]kgo.TopicPartitioner{}
	for i := range batch {
		r := batch[i].Kafka()
		if partitioners[r.Topic] == nil {
			partitioners[r.Topic] = debezium.Partitioner().ForTopic(r.Topic)
		}
		r.Partition = int32(partitioners[r.Topic].Partition(r, int(m.state.Partitions)))
		at := span{topic: r.Topic, partition: r.Partition}
		if known[at] == nil {
			known[at] = &run{topic: r.Topic, partition: r.Partition}
			runs = append(runs, known[at])
		}
		known[at].records = append(known[at].records, r)
		records[i] = r
	}
	now, size := time.Now(), 0
	request := newProduceRequest()
	for _, r := range runs {
		encoded := r.encode(now)
		if size += len(encoded); size > maxBatchBytes && len(request.Topics) > 0 {
			if err := m.send(ctx, request, known); err != nil {
				return nil, err
			}
			request, size = newProduceRequest(), len(encoded)
		}
		addPartition(request, r.topic, r.partition, encoded)
	}
	return records, m.send(ctx, request, known)
}

// send sends a request and takes the offsets over that the broker tells.
func (m *Mirror) send(ctx context.Context, request *kmsg.ProduceRequest, runs map[span]*run) error {
	response, err := request.RequestWith(ctx, m.client)
	if err != nil {
		return err
	}
	for _, t := range response.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return fmt.Errorf("topic %s, partition %d: %w", t.Topic, p.Partition, err)
			}
			if r := runs[span{topic: t.Topic, partition: p.Partition}]; r != nil {
				for i, record := range r.records {
					record.Offset = p.BaseOffset + int64(i)
				}
			}
		}
	}
	return nil
}

func newProduceRequest() *kmsg.ProduceRequest {
	request := kmsg.NewPtrProduceRequest()
	request.Acks = -1
	request.TimeoutMillis = int32(produceTimeout.Milliseconds())
	return request
}

func addPartition(request *kmsg.ProduceRequest, topic string, partition int32, batch []byte) {
	p := kmsg.NewProduceRequestTopicPartition()
	p.Partition, p.Records = partition, batch
	for i := range request.Topics {
		if request.Topics[i].Topic == topic {
			request.Topics[i].Partitions = append(request.Topics[i].Partitions, p)
			return
		}
	}
	t := kmsg.NewProduceRequestTopic()
	t.Topic, t.Partitions = topic, append(t.Partitions, p)
	request.Topics = append(request.Topics, t)
}

// encode is the run as a record batch; records without a time are of now.
func (r *run) encode(now time.Time) []byte {
	first := r.records[0].Timestamp
	if first.IsZero() {
		first = now
	}
	batch := newRecordBatch(int32(len(r.records)))
	batch.FirstTimestamp, batch.MaxTimestamp = first.UnixMilli(), first.UnixMilli()
	var body []byte
	for i, record := range r.records {
		at := record.Timestamp
		if at.IsZero() {
			at = now
		}
		batch.MaxTimestamp = max(batch.MaxTimestamp, at.UnixMilli())
		encoded := kmsg.Record{TimestampDelta64: at.UnixMilli() - batch.FirstTimestamp, OffsetDelta: int32(i), Key: record.Key, Value: record.Value}
		for _, h := range record.Headers {
			encoded.Headers = append(encoded.Headers, kmsg.Header{Key: h.Key, Value: h.Value})
		}
		body = encoded.AppendTo(body[:0]) // behind a length of 0, one byte
		batch.Records = binary.AppendVarint(batch.Records, int64(len(body)-1))
		batch.Records = append(batch.Records, body[1:]...)
	}
	return sealed(batch)
}

// emptyBatch is a record batch whose header counts n records and whose body has none.
func emptyBatch(n int32) []byte { return sealed(newRecordBatch(n)) }

// newRecordBatch is a batch of n records of no producer.
func newRecordBatch(n int32) kmsg.RecordBatch {
	return kmsg.RecordBatch{
		PartitionLeaderEpoch: -1, Magic: 2, LastOffsetDelta: n - 1,
		ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1, NumRecords: n,
	}
}

// sealed is a batch on the wire, with its length and checksum.
func sealed(batch kmsg.RecordBatch) []byte {
	raw := batch.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], castagnoli))
	return raw
}
