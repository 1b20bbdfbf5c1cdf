package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// mostSamples limits what a run keeps: hours at any latency that a log has.
const mostSamples = 10_000_000

func main() {
	brokers := flag.String("brokers", "", "addresses of the brokers, with commas")
	topic := flag.String("topic", "bench.append", "topic to append to; created with three replicas")
	size := flag.Int("size", 200, "bytes of a record")
	length := flag.Duration("time", 4*time.Second, "how long to append")
	flag.Parse()
	if err := run(context.Background(), strings.Split(*brokers, ","), *topic, *size, *length); err != nil {
		fmt.Fprintln(os.Stderr, "append:", err)
		os.Exit(1)
	}
}

// run appends for the length of time and prints the number of records, the median and the 99th percentile in milliseconds.
func run(ctx context.Context, brokers []string, topic string, size int, length time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, length+time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic(topic), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0), kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		return err
	}
	defer client.Close()
	if err := create(ctx, client, topic); err != nil {
		return err
	}
	value := make([]byte, size)
	if _, err := rand.Read(value); err != nil {
		return err
	}
	// The first appends find the leader and get a producer's number: they are not measured.
	for range 10 {
		if err := client.ProduceSync(ctx, &kgo.Record{Value: value}).FirstErr(); err != nil {
			return fmt.Errorf("first append to %s: %w", topic, err)
		}
	}
	samples, err := measure(ctx, client, value, length)
	if err != nil {
		return fmt.Errorf("append to %s: %w", topic, err)
	}
	slices.Sort(samples)
	_, err = fmt.Fprintf(os.Stdout, "%d\t%.3f\t%.3f\n", len(samples), milliseconds(samples[len(samples)/2]), milliseconds(samples[len(samples)*99/100]))
	return err
}

func create(ctx context.Context, client *kgo.Client, topic string) error {
	minimum := "2"
	_, err := kadm.NewClient(client).CreateTopic(ctx, 1, 3, map[string]*string{"min.insync.replicas": &minimum}, topic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	return nil
}

// measure appends one record after another and returns how long each took: at least one.
func measure(ctx context.Context, client *kgo.Client, value []byte, length time.Duration) ([]time.Duration, error) {
	var samples []time.Duration
	for start := time.Now(); len(samples) == 0 || time.Since(start) < length && len(samples) < mostSamples; {
		sent := time.Now()
		if err := client.ProduceSync(ctx, &kgo.Record{Value: value}).FirstErr(); err != nil {
			return nil, err
		}
		samples = append(samples, time.Since(sent))
	}
	return samples, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
