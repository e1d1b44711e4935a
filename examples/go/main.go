// A chatbot in a server on net/http, answered by Go.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"strings"
	"time"

	"chatbot"
)

// identify takes the caller from a header; a real server looks at a session or a token.
func identify(request *http.Request) (*chatbot.Identity, error) {
	return chatbot.NewIdentity(request.Header.Get("X-User"), "acme", "user")
}

// A real one asks a model, under the turn's context, and passes on what comes.
func answer(turn *chatbot.Turn) error {
	for _, word := range strings.Fields("You said: " + turn.Input.Prompt) {
		if err := turn.Delta(word + " "); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return turn.Message("")
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "address and port")
	flag.Parse()
	engine, err := chatbot.Open(chatbot.Options{Store: "threads.sqlite", Responder: "host"})
	if err != nil {
		log.Fatal(err)
	}
	for i := 0; i < 8; i++ { // they share the work
		go func() { log.Fatal(engine.Answer(context.Background(), answer)) }()
	}
	http.Handle("/api/chatbot/", engine.Handler(identify))
	log.Fatal(http.ListenAndServe(*listen, nil))
}
