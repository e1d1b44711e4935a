package chatbot_test

import (
	"context"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"chatbot"
)

func threads(t testing.TB) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("threads are counted on Linux only")
	}
	count, _ := strconv.Atoi(string(regexp.MustCompile(`Threads:\s+(\d+)`).FindSubmatch(status)[1]))
	return count
}

// A goroutine that waits for a stream has no thread.
func TestThreadsOfWaitingStreams(t *testing.T) {
	const streams, some = 1000, 16 // those of Go's own that a few calls at once need
	engine, alice := open(t, "host"), caller(t, "alice", "acme")
	workflow, _ := start(t, engine, "wait", chatbot.Start{})
	before := threads(t) // Go keeps those that earlier tests have needed
	var waiting, read sync.WaitGroup
	for i := 0; i < streams; i++ {
		stream, err := engine.Join(alice, workflow.ID, "", false)
		if err != nil {
			t.Fatal(err)
		}
		waiting.Add(1)
		read.Add(1)
		go func() {
			defer waiting.Done()
			stream.Next(context.Background())
			read.Done()
			for stream.Next(context.Background()) {
			}
		}()
	}
	read.Wait() // all have read the first item, and wait or soon will
	if count := threads(t) - before; count > some {
		t.Errorf("%d more threads for %d streams", count, streams)
	}
	engine.Close()
	waiting.Wait()
}
