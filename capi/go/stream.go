package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"sync"
)

// EventKind is the kind of an Event.
type EventKind int32

// The kinds of events.
const (
	ItemEvent  EventKind = C.CHATBOT_EVENT_ITEM  // a chat item: {"type", "createdAt", "item"}
	DeltaEvent EventKind = C.CHATBOT_EVENT_DELTA // text that is being written: {"id", "offset", "text"}
)

// Event is an event of a stream, as JSON.
type Event struct {
	Kind EventKind
	Data json.RawMessage
}

// Stream is a conversation as it happens.
//
//	for stream.Next(ctx) {
//		fmt.Println(string(stream.Event().Data))
//	}
//	if err := stream.Err(); err != nil { … }
//
// One goroutine reads, either events or bytes; Close and Cancel may be called from any.
type Stream struct {
	engine  *Engine // which must outlive its wait
	changed chan struct{}

	mutex  sync.Mutex // of what follows
	handle *C.chatbot_stream
	place  string // once closed
	reason string

	event Event
	err   error
}

// calls bounds the number of reads that are within C at once, and so the threads that Go makes for
// them. Further reads wait as goroutines.
var calls = make(chan struct{}, 2*runtime.NumCPU())

func newStream(engine *Engine, handle *C.chatbot_stream) *Stream {
	stream := &Stream{engine: engine, changed: make(chan struct{}, 1), handle: handle}
	runtime.SetFinalizer(stream, (*Stream).Close)
	return stream
}

// signal lets the reader look again.
func (s *Stream) signal() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Next waits for the next event. False: the stream has ended, or Err says what went wrong. A stream
// whose context has ended can be read on with another one.
func (s *Stream) Next(ctx context.Context) bool {
	s.err = nil
	for {
		status := s.tryNext()
		if status != C.CHATBOT_WOULD_BLOCK {
			return status == C.CHATBOT_OK
		}
		if s.err = s.wait(ctx); s.err != nil {
			return false
		}
	}
}

func (s *Stream) tryNext() C.chatbot_status {
	calls <- struct{}{}
	defer func() { <-calls }()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.handle == nil {
		return C.CHATBOT_END
	}
	var kind C.int32_t
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	status := C.chatbot_stream_next(s.handle, 0, &kind, &bytes, &failure)
	if status == C.CHATBOT_OK {
		s.event = Event{EventKind(kind), taken(bytes)}
	}
	s.err = errorOf(status, failure)
	return status
}

// Event is the event that Next has read.
func (s *Stream) Event() Event { return s.event }

// Err is the error that ended Next; nil after the end of the stream.
func (s *Stream) Err() error { return s.err }

// Read waits for server-sent events, for a server that sends them on: as many whole frames as are
// there and fit. io.EOF after the last one.
func (s *Stream) Read(ctx context.Context, buffer []byte) (int, error) {
	for {
		count, err := s.tryRead(buffer)
		if count > 0 || err != nil {
			return count, err
		}
		if err := s.wait(ctx); err != nil {
			return 0, err
		}
	}
}

func (s *Stream) tryRead(buffer []byte) (int, error) {
	calls <- struct{}{}
	defer func() { <-calls }()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.handle == nil {
		return 0, io.EOF
	}
	var written C.size_t
	var failure *C.chatbot_error
	target, capacity := data(buffer)
	status := C.chatbot_stream_read(s.handle, 0, target, capacity, &written, &failure)
	if status == C.CHATBOT_END {
		return 0, io.EOF
	}
	return int(written), errorOf(status, failure)
}

func (s *Stream) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	set, err := s.engine.waitSet()
	if err == nil && set != nil {
		err = set.wait(ctx, s)
	}
	if errors.Is(err, ErrUnavailable) {
		return nil // the engine was closed: the next read says so
	}
	return err
}

// Place is the position after what was read last, for Engine.Join and as Last-Event-ID.
func (s *Stream) Place() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.handle != nil {
		s.place = C.GoString(C.chatbot_stream_place(s.handle))
	}
	return s.place
}

// EndReason is "open" until the end; then "completed", "stopped", "error" (how the round ended),
// "deleted", "expired", "denied", "cancelled" or "shutdown".
func (s *Stream) EndReason() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.handle != nil {
		s.reason = C.GoString(C.chatbot_stream_end_reason(s.handle))
	}
	return s.reason
}

// Cancel ends the stream, now and for ever. It never waits.
func (s *Stream) Cancel() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	C.chatbot_stream_cancel(s.handle)
}

// Close frees the stream; for a reader that waits, it has ended. May be repeated.
func (s *Stream) Close() {
	place, reason := s.Place(), s.EndReason()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.handle == nil {
		return
	}
	if reason == "open" {
		reason = "cancelled"
	}
	s.place, s.reason = place, reason
	C.chatbot_stream_free(s.handle)
	s.handle = nil
	s.signal()
}
