package chatbot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"chatbot"
)

func Example() {
	folder, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(folder)
	engine, err := chatbot.Open(chatbot.Options{Store: filepath.Join(folder, "threads.sqlite"), Responder: "echo"})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	alice, _ := chatbot.NewIdentity("alice", "acme", "user")
	_, stream, err := engine.Start(alice, chatbot.Input{Prompt: "Hello"}, chatbot.Start{})
	if err != nil {
		log.Fatal(err)
	}
	for stream.Next(context.Background()) {
		var item struct{ Type string }
		_ = json.Unmarshal(stream.Event().Data, &item)
		fmt.Println(item.Type)
		break
	}
	// Output: message
}
