package chatbot_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"chatbot"
)

// A model server that answers "Read", and keeps what it was asked.
func modelServer(t *testing.T, asked chan<- string) string {
	server := httptest.NewServer(http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		asked <- string(body)
		writer.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(writer, `data: {"choices": [{"index": 0, "delta": {"content": "Read"}}]}`+"\n\n"+
			`data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

func TestDocumentsOfTheHost(t *testing.T) {
	if !chatbot.HasFeature("openai") {
		t.Skip("the library was built without the responder openai")
	}
	asked := make(chan string, 1)
	requests := make(chan chatbot.DocumentRequest, 2)
	engine, err := chatbot.Open(chatbot.Options{
		Store:     filepath.Join(t.TempDir(), "threads.sqlite"),
		Responder: "openai",
		Settings:  map[string]string{"openaiBaseUrl": modelServer(t, asked), "openaiModel": "m"},
		Documents: func(request chatbot.DocumentRequest) *chatbot.Document {
			requests <- request
			if request.FileID != "known" {
				return nil
			}
			return &chatbot.Document{Name: "notes.txt", MIMEType: "text/plain", Data: []byte("what it says")}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	input := chatbot.Input{Prompt: "Read this", FileIDs: []string{"known", "unknown"}}
	_, stream, err := engine.Start(caller(t, "alice", "acme"), input, chatbot.Start{})
	if err != nil {
		t.Fatal(err)
	}
	texts := messages(t, stream)
	equal(t, stream.EndReason(), "completed")
	equal(t, strings.Contains(strings.Join(texts, "\n"), "Read"), true)
	first, second := <-requests, <-requests
	equal(t, first.UserID+first.MandateID+first.FileID, "aliceacmeknown")
	equal(t, second.FileID, "unknown")
	equal(t, strings.Contains(<-asked, "what it says"), true)
}
