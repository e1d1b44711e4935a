package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"context"
	"sync"
)

const readyAtOnce = 256

// waits is the wait set of an engine: the streams that goroutines wait for, behind one descriptor.
// A stream is in the set while its reader waits.
type waits struct {
	mutex    sync.Mutex
	set      *C.chatbot_waitset // nil: closed
	readable *readable
	waiting  map[uint64]*Stream
	token    uint64
	ready    [readyAtOnce]C.uint64_t
}

func newWaits(engine *C.chatbot_engine) (*waits, error) {
	w := &waits{waiting: map[uint64]*Stream{}}
	var failure *C.chatbot_error
	if err := errorOf(C.chatbot_waitset_new(engine, &w.set, &failure), failure); err != nil {
		return nil, err
	}
	var descriptor C.intptr_t
	err := errorOf(C.chatbot_waitset_pollable(w.set, &descriptor, &failure), failure)
	if err == nil {
		w.readable, err = watch(int(descriptor), w.wake)
	}
	if err != nil {
		C.chatbot_waitset_free(w.set)
		return nil, err
	}
	return w, nil
}

// wake tells the readers of all streams that are ready, until none is: only then does the descriptor
// become quiet, so that it has another edge.
func (w *waits) wake() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.set == nil {
		return
	}
	var count C.size_t
	for C.chatbot_waitset_wait(w.set, 0, &w.ready[0], readyAtOnce, &count, nil) == C.CHATBOT_OK {
		for _, token := range w.ready[:count] {
			if stream := w.waiting[uint64(token)]; stream != nil {
				w.remove(uint64(token), stream)
				stream.signal()
			}
		}
	}
}

// wait returns when there may be something to read, or with the context's error.
func (w *waits) wait(ctx context.Context, stream *Stream) error {
	token, err := w.add(stream)
	if err != nil || token == 0 {
		return err
	}
	select {
	case <-stream.changed:
		err = nil
	case <-ctx.Done():
		err = ctx.Err()
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.waiting[token] != nil {
		w.remove(token, stream)
	}
	return err
}

// add answers 0 if the stream or the engine is closed: there is nothing to wait for.
func (w *waits) add(stream *Stream) (uint64, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	stream.mutex.Lock()
	defer stream.mutex.Unlock()
	if w.set == nil || stream.handle == nil {
		return 0, nil
	}
	w.token++
	var failure *C.chatbot_error
	status := C.chatbot_waitset_add(w.set, stream.handle, C.uint64_t(w.token), &failure)
	if err := errorOf(status, failure); err != nil {
		return 0, err
	}
	w.waiting[w.token] = stream
	return w.token, nil
}

// remove is called with the mutex held.
func (w *waits) remove(token uint64, stream *Stream) {
	delete(w.waiting, token)
	stream.mutex.Lock()
	defer stream.mutex.Unlock()
	if w.set != nil && stream.handle != nil {
		C.chatbot_waitset_remove(w.set, stream.handle)
	}
}

// close wakes all readers that wait: after a shutdown, their streams have ended.
func (w *waits) close() {
	w.readable.close()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for token, stream := range w.waiting {
		w.remove(token, stream)
		stream.signal()
	}
	C.chatbot_waitset_free(w.set)
	w.set = nil
}
