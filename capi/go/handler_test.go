package chatbot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chatbot"
)

func identify(request *http.Request) (*chatbot.Identity, error) {
	switch user := request.Header.Get("X-User"); user {
	case "":
		return nil, errors.New("a secret of the host's")
	case "nobody":
		return nil, nil
	default:
		return chatbot.NewIdentity(strings.TrimSpace(strings.Trim(user, "-")), "acme", "user")
	}
}

func serve(t *testing.T, engine *chatbot.Engine, mount func(http.Handler) http.Handler) *httptest.Server {
	server := httptest.NewServer(mount(engine.Handler(identify)))
	t.Cleanup(server.Close)
	t.Cleanup(engine.Close)
	return server
}

func bare(handler http.Handler) http.Handler { return handler }

func ask(t *testing.T, user, method, url, body string) (*http.Response, string) {
	request, err := http.NewRequestWithContext(within(t), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-User", user)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(content)
}

func TestHandlerStreams(t *testing.T) {
	server := serve(t, open(t, "echo"), bare)
	response, frames := ask(t, "alice", "POST", server.URL+"/api/chatbot/start/stream", `{"prompt": "Hello"}`)
	equal(t, response.StatusCode, 200)
	equal(t, response.Header.Get("Content-Type"), "text/event-stream")
	equal(t, strings.HasPrefix(frames, "id: 1\ndata: {"), true)
	equal(t, strings.HasSuffix(frames, "}\n\n"), true)
	_, list := ask(t, "alice", "GET", server.URL+`/api/chatbot/threads?pagination={"pageSize":1}`, "")
	var page chatbot.Page
	equal(t, json.Unmarshal([]byte(list), &page), nil)
	equal(t, page.Pagination.TotalItems, 1)
}

func TestHandlerIsMountedAnywhere(t *testing.T) {
	server := serve(t, open(t, "echo"), func(handler http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/bot/", http.StripPrefix("/bot", handler))
		mux.Handle("/api/chatbot/", handler)
		return mux
	})
	for _, path := range []string{"/bot/threads", "/api/chatbot/threads"} {
		response, body := ask(t, "alice", "GET", server.URL+path, "")
		equal(t, response.StatusCode, 200)
		equal(t, strings.HasPrefix(body, `{"items":[]`), true)
	}
	response, _ := ask(t, "alice", "GET", server.URL+"/bot/%74hreads%3Fx", "")
	equal(t, response.StatusCode, 405)
}

func TestHandlerOfAnotherPrefix(t *testing.T) {
	engine, err := chatbot.Open(chatbot.Options{Store: t.TempDir() + "/threads.sqlite",
		Settings: map[string]string{"prefix": "/v1/bot"}})
	if err != nil {
		t.Fatal(err)
	}
	url := serve(t, engine, bare).URL
	for path, wanted := range map[string]int{"/v1/bot/threads": 200, "/threads": 200, "/v1/bots": 404} {
		response, _ := ask(t, "alice", "GET", url+path, "")
		equal(t, response.StatusCode, wanted)
	}
}

func TestHandlerRefuses(t *testing.T) {
	engine := open(t, "echo")
	url := serve(t, engine, bare).URL + "/api/chatbot"
	for user, wanted := range map[string]int{"": 401, "nobody": 401, "-": 400} {
		response, body := ask(t, user, "GET", url+"/threads", "")
		if response.StatusCode != wanted || !json.Valid([]byte(body)) || strings.Contains(body, "secret") {
			t.Errorf("%q: %d %s", user, response.StatusCode, body)
		}
	}
	response, _ := ask(t, "alice", "POST", url+"/start/stream", strings.Repeat("x", 5000))
	equal(t, response.StatusCode, 413)
	response, _ = ask(t, "alice", "GET", url+"/nothing/here", "")
	equal(t, response.StatusCode, 404)
}

// A request whose client goes away before its end starts nothing.
func TestHandlerTakesWholeBodiesOnly(t *testing.T) {
	engine := open(t, "echo")
	server := serve(t, engine, bare)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(connection, "POST /api/chatbot/start/stream HTTP/1.1\r\nHost: x\r\nX-User: alice\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"prompt\": \"Hello\"}")
	_ = connection.(*net.TCPConn).CloseWrite()
	answer, _ := bufio.NewReader(connection).ReadString('\n')
	equal(t, strings.Contains(answer, " 400 "), true)
	connection.Close()
	page, err := engine.List(caller(t, "alice", "acme"), nil)
	equal(t, err, nil)
	equal(t, len(page.Items), 0)
}

func TestHandlerEndsWithItsClient(t *testing.T) {
	engine := open(t, "host")
	gone := make(chan struct{})
	server := serve(t, engine, func(handler http.Handler) http.Handler {
		return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
			handler.ServeHTTP(writer, request)
			close(gone)
		})
	})
	ctx, cancel := context.WithCancel(within(t))
	request, _ := http.NewRequestWithContext(ctx, "POST", server.URL+"/api/chatbot/start/stream",
		strings.NewReader(`{"prompt": "Hello"}`))
	request.Header.Set("X-User", "alice")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = bufio.NewReader(response.Body).ReadString('\n')
	cancel()
	select {
	case <-gone:
	case <-within(t).Done():
		t.Error("the handler still serves a client that has gone")
	}
	response.Body.Close()
}
