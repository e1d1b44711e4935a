package chatbot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chatbot"
)

const patience = time.Minute

func open(t testing.TB, responder string) *chatbot.Engine {
	engine, err := chatbot.Open(chatbot.Options{
		Store:     filepath.Join(t.TempDir(), "threads.sqlite"),
		Responder: responder,
		Settings:  map[string]string{"rateLimit": "0", "maxStreamsPerUser": "10000", "maxBodyBytes": "2000"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine
}

func caller(t testing.TB, user, tenant string) *chatbot.Identity {
	identity, err := chatbot.NewIdentity(user, tenant, "user")
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

func start(t testing.TB, engine *chatbot.Engine, prompt string, how chatbot.Start) (*chatbot.Workflow, *chatbot.Stream) {
	workflow, stream, err := engine.Start(caller(t, "alice", "acme"), chatbot.Input{Prompt: prompt}, how)
	if err != nil {
		t.Fatal(err)
	}
	return workflow, stream
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func messageOf(t testing.TB, event chatbot.Event) string {
	var item struct{ Item struct{ Message string } }
	if err := json.Unmarshal(event.Data, &item); err != nil {
		t.Fatal(err)
	}
	return item.Item.Message
}

// messages reads the items of a stream to its end.
func messages(t testing.TB, stream *chatbot.Stream) []string {
	var texts []string
	for stream.Next(within(t)) {
		if stream.Event().Kind == chatbot.ItemEvent {
			texts = append(texts, messageOf(t, stream.Event()))
		}
	}
	if stream.Err() != nil {
		t.Fatal(stream.Err())
	}
	return texts
}

func equal(t testing.TB, found, wanted any) {
	t.Helper()
	if fmt.Sprint(found) != fmt.Sprint(wanted) {
		t.Errorf("found %v, not %v", found, wanted)
	}
}

func TestConversation(t *testing.T) {
	engine, alice := open(t, "echo"), caller(t, "alice", "acme")
	workflow, stream := start(t, engine, "Hello", chatbot.Start{})
	texts := messages(t, stream)
	equal(t, texts[0], "Hello")
	equal(t, stream.EndReason(), "completed")

	if _, err := engine.Rename(alice, workflow.ID, "Another name"); err != nil {
		t.Fatal(err)
	}
	_, next := start(t, engine, "More", chatbot.Start{WorkflowID: workflow.ID})
	messages(t, next)
	page, err := engine.List(alice, &chatbot.PageQuery{PageSize: 5, Filters: map[string]any{"status": "completed"}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, page.Items[0].Name, "Another name")
	equal(t, page.Items[0].CurrentRound, 2)
	equal(t, page.Pagination.TotalItems, 1)
	thread, err := engine.Thread(alice, workflow.ID)
	if err != nil || len(thread.ChatData.Items) <= len(texts) {
		t.Error(err, len(thread.ChatData.Items))
	}
	if err := engine.Delete(alice, workflow.ID); err != nil {
		t.Fatal(err)
	}
	all, err := engine.List(alice, nil)
	if err != nil || len(all.Items) != 0 {
		t.Error(err, all)
	}
}

func TestStreamIsTakenUpAgain(t *testing.T) {
	engine, alice := open(t, "echo"), caller(t, "alice", "acme")
	workflow, stream := start(t, engine, "Hello", chatbot.Start{})
	if !stream.Next(within(t)) {
		t.Fatal(stream.Err())
	}
	place := stream.Place()
	rest := messages(t, stream)
	again, err := engine.Join(alice, workflow.ID, place, false)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, messages(t, again), rest)
	nothing, err := engine.Join(alice, workflow.ID, again.Place(), false)
	if nothing != nil || err != nil {
		t.Error(nothing, err)
	}
	if _, err := engine.Join(alice, workflow.ID, "999", false); !errors.Is(err, chatbot.ErrConflict) {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	engine := open(t, "echo")
	workflow, stream := start(t, engine, "Hello", chatbot.Start{})
	messages(t, stream)
	_, err := engine.Thread(caller(t, "bob", "globex"), workflow.ID)
	var refused *chatbot.Error
	if !errors.As(err, &refused) || !errors.Is(err, chatbot.ErrNotFound) || errors.Is(err, chatbot.ErrBusy) {
		t.Fatal(err)
	}
	equal(t, refused.HTTPStatus, 404)
	equal(t, refused.Code, "CHATBOT_NOT_FOUND")
	if !strings.Contains(refused.Message, workflow.ID) || !json.Valid(refused.Detail) {
		t.Error(refused)
	}
	_, err = chatbot.Open(chatbot.Options{Store: "x", Settings: map[string]string{"noSuch": "1"}})
	if !errors.Is(err, chatbot.ErrInvalidArgument) || !strings.Contains(err.Error(), "noSuch") {
		t.Error(err)
	}
	if _, err := chatbot.NewIdentity("", "acme"); !errors.Is(err, chatbot.ErrInvalidArgument) {
		t.Error(err)
	}
	engine.Close()
	engine.Close()
	if _, err := engine.List(caller(t, "alice", "acme"), nil); !errors.Is(err, chatbot.ErrUnavailable) {
		t.Error(err)
	}
}

func TestRules(t *testing.T) {
	engine, alice := open(t, "echo"), caller(t, "alice", "acme")
	row := chatbot.Row{MandateID: "acme", CreatedBy: "alice"}
	before, err := engine.Allows(alice, "ChatWorkflow", "read", row)
	if err != nil || !before {
		t.Fatal(before, err)
	}
	rules := []chatbot.Rule{{Role: "user", Table: "ChatWorkflow", Read: "n"}}
	if err := engine.SetRules(rules); err != nil {
		t.Fatal(err)
	}
	after, err := engine.Allows(alice, "ChatWorkflow", "read", row)
	if err != nil || after {
		t.Error(after, err)
	}
	decision, err := engine.Explain(alice, "ChatWorkflow", "read")
	if err != nil || decision.Level != "n" || *decision.Rule != 0 {
		t.Error(decision, err)
	}
	found, err := engine.Rules()
	equal(t, found, rules)
	equal(t, err, nil)
}

func TestSelect(t *testing.T) {
	rows := json.RawMessage(`[{"id": "a", "size": 1}, {"id": "b", "size": 3}, {"id": "c", "size": 2}]`)
	query := chatbot.PageQuery{PageSize: 2, Sort: []chatbot.SortField{{Field: "size", Direction: "desc"}}}
	found, err := chatbot.Select(rows, map[string]string{"id": "text", "size": "integer"}, query)
	if err != nil {
		t.Fatal(err)
	}
	var page struct{ Items []struct{ ID string } }
	equal(t, json.Unmarshal(found, &page), nil)
	equal(t, page.Items, "[{b} {c}]")
}

func TestTurn(t *testing.T) {
	engine := open(t, "host")
	_, stream := start(t, engine, "Question", chatbot.Start{Deltas: true})
	turn, err := engine.Take(within(t))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, turn.Input.Prompt, "Question")
	for _, step := range []error{turn.Log("thinking"), turn.Delta("An "), turn.Delta("answer"),
		turn.Message(""), turn.Rename("Asked"), turn.Complete()} {
		equal(t, step, nil)
	}
	equal(t, errors.Is(turn.Delta("late"), chatbot.ErrCancelled), true)
	turn.Close()
	turn.Close()
	equal(t, messages(t, stream), "[Question thinking An answer]")
}

func TestFailedAndDroppedTurns(t *testing.T) {
	engine := open(t, "host")
	for _, end := range []func(*chatbot.Turn){
		func(turn *chatbot.Turn) { equal(t, turn.Fail(""), nil) },
		(*chatbot.Turn).Close,
	} {
		_, stream := start(t, engine, "Question", chatbot.Start{})
		turn, err := engine.Take(within(t))
		if err != nil {
			t.Fatal(err)
		}
		end(turn)
		messages(t, stream)
		equal(t, stream.EndReason(), "error")
	}
}

func TestStoppedTurnKnows(t *testing.T) {
	engine := open(t, "host")
	workflow, _ := start(t, engine, "Question", chatbot.Start{})
	turn, err := engine.Take(within(t))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, turn.Context().Err(), nil)
	if _, err := engine.Stop(caller(t, "alice", "acme"), workflow.ID); err != nil {
		t.Fatal(err)
	}
	select {
	case <-turn.Context().Done():
	case <-within(t).Done():
		t.Fatal("the turn was not told")
	}
	equal(t, errors.Is(turn.Message("late"), chatbot.ErrCancelled), true)
}

func TestWaitsEndWithTheirContext(t *testing.T) {
	engine := open(t, "host")
	_, stream := start(t, engine, "Question", chatbot.Start{})
	if !stream.Next(within(t)) {
		t.Fatal(stream.Err())
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	equal(t, stream.Next(ctx), false)
	equal(t, stream.Err(), context.Canceled)
	go func() {
		turn, _ := engine.Take(context.Background())
		_ = turn.Message("answer")
		_ = turn.Complete()
	}()
	equal(t, messages(t, stream), "[answer]")
	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	_, err := engine.Take(ctx)
	equal(t, err, context.Canceled)
}

func TestCloseEndsWhoWaits(t *testing.T) {
	engine := open(t, "host")
	_, stream := start(t, engine, "one", chatbot.Start{})
	_, other := start(t, engine, "two", chatbot.Start{})
	stream.Next(within(t))
	other.Next(within(t))
	done := make(chan string)
	read := func(stream *chatbot.Stream) {
		for stream.Next(context.Background()) {
		}
		equal(t, stream.Err(), nil)
		done <- stream.EndReason()
	}
	go read(stream)
	stream.Close()
	equal(t, <-done, "cancelled")
	go read(other)
	engine.Close()
	equal(t, <-done, "shutdown")
	_, err := engine.Take(context.Background())
	equal(t, err, io.EOF)
}

func TestManyStreamsAndTakers(t *testing.T) {
	const streams, takers = 300, 4
	engine := open(t, "host")
	var answering, reading sync.WaitGroup
	for i := 0; i < takers; i++ {
		answering.Add(1)
		go func() {
			defer answering.Done()
			err := engine.Answer(context.Background(), func(turn *chatbot.Turn) error {
				for _, word := range strings.Fields(turn.Input.Prompt) {
					if err := turn.Delta(word + " "); err != nil {
						return err
					}
				}
				return turn.Message("")
			})
			equal(t, err, nil)
		}()
	}
	for i := 0; i < streams; i++ {
		reading.Add(1)
		go func(number int) {
			defer reading.Done()
			user := caller(t, fmt.Sprint("user", number), "acme")
			prompt := fmt.Sprint("number ", number)
			_, stream, err := engine.Start(user, chatbot.Input{Prompt: prompt}, chatbot.Start{Deltas: true})
			if err != nil {
				t.Error(err)
				return
			}
			equal(t, messages(t, stream), []string{prompt, prompt + " "})
		}(i)
	}
	reading.Wait()
	engine.Close()
	answering.Wait()
}

func TestLogLines(t *testing.T) {
	var mutex sync.Mutex
	var lines []string
	engine, err := chatbot.Open(chatbot.Options{
		Store: filepath.Join(t.TempDir(), "threads.sqlite"),
		Log: func(_ chatbot.Level, line string) {
			mutex.Lock()
			defer mutex.Unlock()
			lines = append(lines, line)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	_, err = engine.Thread(caller(t, "alice", "acme"), "no such id")
	equal(t, errors.Is(err, chatbot.ErrNotFound), true)
	// A refusal by the rules is told.
	equal(t, engine.SetRules([]chatbot.Rule{}), nil)
	_, _, err = engine.Start(caller(t, "alice", "acme"), chatbot.Input{Prompt: "x"}, chatbot.Start{})
	equal(t, errors.Is(err, chatbot.ErrForbidden), true)
	mutex.Lock()
	defer mutex.Unlock()
	equal(t, len(lines) > 0, true)
}
