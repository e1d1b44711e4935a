// The task by the Go module: task FOLDER.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"sync"
	"time"

	"chatbot"
)

const (
	listTarget      = "/api/chatbot/threads?pagination=%7B%22page%22%3A1%2C%22pageSize%22%3A20%7D"
	listRequests    = 3000
	threadReads     = 5
	streamWorkflows = 10
	streams         = 1000
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func open(name string) *chatbot.Engine {
	return must(chatbot.Open(chatbot.Options{Store: os.Args[1] + "/" + name + ".sqlite", Responder: "host",
		Settings: map[string]string{"rateLimit": "0", "maxStreamsPerUser": strconv.Itoa(streams)}}))
}

func microseconds(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1000 }

func list(caller *chatbot.Identity) {
	engine := open("list")
	defer engine.Close()
	handler := engine.Handler(func(*http.Request) (*chatbot.Identity, error) { return caller, nil })
	request := httptest.NewRequest("GET", listTarget, nil)
	begin := time.Now()
	for i := 0; i < listRequests; i++ {
		answer := httptest.NewRecorder()
		if handler.ServeHTTP(answer, request); answer.Code != 200 {
			log.Fatal("not served")
		}
	}
	fmt.Printf("list %.2f\n", microseconds(begin)/listRequests)
}

func readItems(caller *chatbot.Identity) {
	engine := open("thread")
	defer engine.Close()
	thread := must(engine.List(caller, nil)).Items[0].ID
	items := 0
	begin := time.Now()
	for i := 0; i < threadReads; i++ {
		stream := must(engine.Join(caller, thread, "", false))
		for stream.Next(context.Background()) {
			items++
		}
	}
	fmt.Printf("item %.3f\n", microseconds(begin)/float64(items))
}

func statusOf(field string) float64 {
	status := must(os.ReadFile("/proc/self/status"))
	found := regexp.MustCompile(field + `:\s+(\d+)`).FindSubmatch(status)[1]
	return must(strconv.ParseFloat(string(found), 64))
}

func waitForMany(caller *chatbot.Identity) {
	engine := open("streams")
	var ids []string
	for i := 0; i < streamWorkflows; i++ {
		workflow, stream, err := engine.Start(caller, chatbot.Input{Prompt: "wait"}, chatbot.Start{})
		must(stream, err).Close()
		ids = append(ids, workflow.ID)
	}
	runtime.GC()
	before := statusOf("VmRSS")
	var waiting sync.WaitGroup
	for i := 0; i < streams; i++ {
		stream := must(engine.Join(caller, ids[i%streamWorkflows], "", false))
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			for stream.Next(context.Background()) {
			}
		}()
	}
	time.Sleep(200 * time.Millisecond)
	fmt.Printf("threads %.0f\n", statusOf("Threads"))
	fmt.Printf("KiB %.2f\n", (statusOf("VmRSS")-before)/streams)
	engine.Close()
	waiting.Wait()
}

func main() {
	caller := must(chatbot.NewIdentity("u0", "m0", "user"))
	list(caller)
	readItems(caller)
	waitForMany(caller)
}
