package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"context"
	"encoding/json"
	"io"
	"runtime"
	"sync"
)

// turnWaits are the goroutines that wait for turns, behind one descriptor.
type turnWaits struct {
	mutex    sync.Mutex
	waiting  map[chan struct{}]bool
	readable *readable
}

func newTurnWaits(engine *C.chatbot_engine) (*turnWaits, error) {
	var descriptor C.intptr_t
	var failure *C.chatbot_error
	status := C.chatbot_turn_pollable(engine, &descriptor, &failure)
	if err := errorOf(status, failure); err != nil {
		return nil, err
	}
	w := &turnWaits{waiting: map[chan struct{}]bool{}}
	var err error
	w.readable, err = watch(int(descriptor), w.wake)
	return w, err
}

func (w *turnWaits) wake() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for waiter := range w.waiting {
		select {
		case waiter <- struct{}{}:
		default:
		}
	}
}

func (w *turnWaits) enter(waiter chan struct{}) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.waiting[waiter] = true
}

func (w *turnWaits) leave(waiter chan struct{}) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	delete(w.waiting, waiter)
}

func (w *turnWaits) close() {
	w.readable.close()
	w.wake()
}

// Take waits for the oldest turn that nobody has taken, with the responder "host". io.EOF once the
// engine is closed. Any number of goroutines may take turns and share the work.
func (e *Engine) Take(ctx context.Context) (*Turn, error) {
	queue, err := e.turnQueue()
	if err != nil {
		return nil, err
	}
	if queue == nil {
		return nil, io.EOF
	}
	// It waits already at the first try, so that a turn that comes after a vain try wakes it.
	waiter := make(chan struct{}, 1)
	queue.enter(waiter)
	defer queue.leave(waiter)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		turn, err := e.tryTake()
		if turn != nil || err != nil {
			return turn, err
		}
		select {
		case <-waiter:
		case <-ctx.Done():
		}
	}
}

func (e *Engine) tryTake() (*Turn, error) {
	defer runtime.KeepAlive(e)
	var handle *C.chatbot_turn
	var failure *C.chatbot_error
	status := C.chatbot_turn_take(e.handle, 0, &handle, &failure)
	if status == C.CHATBOT_END {
		return nil, io.EOF
	}
	if err := errorOf(status, failure); err != nil || handle == nil {
		return nil, err
	}
	return newTurn(handle)
}

// Answer takes turns and lets answer give them, until the context ends or the engine is closed. A
// round completes when answer returns nil, and fails otherwise. It is for any number of goroutines.
func (e *Engine) Answer(ctx context.Context, answer func(*Turn) error) error {
	for {
		turn, err := e.Take(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := answer(turn); err != nil {
			_ = turn.Fail("The answer could not be given")
		}
		_ = turn.Complete()
		turn.Close()
	}
}

// TurnInput is the prompt of a turn and what belongs to it.
type TurnInput struct {
	WorkflowID   string            `json:"workflowId"`
	Round        int64             `json:"round"`
	MessageID    string            `json:"messageId"`
	UserID       string            `json:"userId"`
	MandateID    string            `json:"mandateId"`
	Prompt       string            `json:"prompt"`
	UserLanguage string            `json:"userLanguage"`
	FileIDs      []string          `json:"listFileId"`
	Documents    []json.RawMessage `json:"documents"`
	History      []struct {        // the messages of earlier rounds, oldest first
		Item struct {
			Role        string `json:"role"`
			Message     string `json:"message"`
			RoundNumber int64  `json:"roundNumber"`
		} `json:"item"`
	} `json:"history"`
}

// Turn is a round that this program answers. Its methods answer ErrCancelled once the round is over
// (finished, stopped, deleted, followed by another one, or the engine closed): then nothing was
// changed. A turn that is closed or dropped unfinished ends its round as failed.
type Turn struct {
	Input TurnInput

	ctx    context.Context
	cancel context.CancelFunc
	handle *C.chatbot_turn
}

func newTurn(handle *C.chatbot_turn) (*Turn, error) {
	turn := &Turn{handle: handle}
	turn.ctx, turn.cancel = context.WithCancel(context.Background())
	runtime.SetFinalizer(turn, (*Turn).Close)
	onCancel(handle, turn.cancel)
	if C.chatbot_turn_is_cancelled(handle) == 1 {
		turn.cancel()
	}
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	found, err := answered(C.chatbot_turn_input(handle, &bytes, &failure), bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, &turn.Input)
	}
	return turn, err
}

// Context ends when the round is stopped or deleted, or the turn is closed: for the call of a model.
func (t *Turn) Context() context.Context { return t.ctx }

// Delta adds to the text of the message that is being written. Clients see it at once.
func (t *Turn) Delta(piece string) error {
	defer runtime.KeepAlive(t)
	given, size := text(piece)
	var failure *C.chatbot_error
	return done(C.chatbot_turn_delta(t.handle, given, size, &failure), failure)
}

// Append appends chat items, {"type": "message" | "log" | "stat", "item": {…}} each: values that
// encoding/json can write. All of them or none.
func (t *Turn) Append(items ...any) error {
	defer runtime.KeepAlive(t)
	encoded, err := json.Marshal(items)
	if err != nil {
		return err
	}
	given, size := data(encoded)
	var failure *C.chatbot_error
	return done(C.chatbot_turn_append(t.handle, given, size, &failure), failure)
}

type fields map[string]any

// Message appends the answer; an empty text stands for the one that was written with Delta.
func (t *Turn) Message(answer string) error {
	return t.Append(fields{"type": "message", "item": fields{"message": answer, "status": "last"}})
}

// Log appends a log, which says what the responder is doing.
func (t *Turn) Log(line string) error {
	return t.Append(fields{"type": "log", "item": fields{"message": line}})
}

// Rename gives the conversation another name.
func (t *Turn) Rename(newName string) error {
	defer runtime.KeepAlive(t)
	given, size := text(newName)
	var failure *C.chatbot_error
	return done(C.chatbot_turn_rename(t.handle, given, size, &failure), failure)
}

// Complete ends the round. Text that was written and not yet appended becomes the answer.
func (t *Turn) Complete() error {
	defer runtime.KeepAlive(t)
	var failure *C.chatbot_error
	return done(C.chatbot_turn_finish(t.handle, nil, 0, &failure), failure)
}

// Fail ends the round as failed; clients see the reason.
func (t *Turn) Fail(reason string) error {
	defer runtime.KeepAlive(t)
	given, size := data(append([]byte(reason), 0)) // not NULL, which completes
	var failure *C.chatbot_error
	return done(C.chatbot_turn_finish(t.handle, given, size-1, &failure), failure)
}

func done(status C.chatbot_status, failure *C.chatbot_error) error {
	if status == C.CHATBOT_CANCELLED {
		return ErrCancelled
	}
	return errorOf(status, failure)
}

// Close frees the turn. May be repeated.
func (t *Turn) Close() {
	C.chatbot_turn_free(t.handle)
	t.handle = nil
	t.cancel()
}
