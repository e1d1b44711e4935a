// The endpoints on net/http, for the contract tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"chatbot"
)

var (
	listen    = flag.String("listen", "127.0.0.1:0", "")
	database  = flag.String("db", "", "")
	responder = flag.String("responder", "echo", "")
	rateLimit = flag.String("rate-limit", "120", "")
	_         = flag.Bool("trust-identity-headers", false, "")
)

// timeToEnd is for the connections of clients that do not read.
const timeToEnd = 500 * time.Millisecond

func identify(request *http.Request) (*chatbot.Identity, error) {
	var given [3]string
	for i, key := range []string{"X-User-Id", "X-Mandate-Id", "X-Roles"} {
		values := request.Header.Values(key)
		if len(values) > 1 || !utf8.ValidString(strings.Join(values, "")) {
			return nil, nil
		}
		given[i] = strings.Join(values, "")
	}
	if given[0] == "" {
		return nil, nil
	}
	var roles []string
	for _, role := range strings.Split(given[2], ",") {
		if role = strings.TrimSpace(role); role != "" {
			roles = append(roles, role)
		}
	}
	return chatbot.NewIdentity(given[0], given[1], roles...)
}

func main() {
	flag.Parse()
	engine, err := chatbot.Open(chatbot.Options{Store: *database, Responder: *responder,
		Settings: map[string]string{"rateLimit": *rateLimit}})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	endpoints := engine.Handler(identify)
	mux := http.NewServeMux()
	mux.Handle("/api/chatbot", endpoints)
	mux.Handle("/api/chatbot/", endpoints)
	server := &http.Server{Handler: mux, IdleTimeout: 5 * time.Second}
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM)
	fmt.Printf("chatbot-host: http://127.0.0.1:%d/\n", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	<-stopped
	engine.Close() // ends the streams
	ctx, cancel := context.WithTimeout(context.Background(), timeToEnd)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
}
