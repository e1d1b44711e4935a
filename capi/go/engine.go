package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"encoding/json"
	"runtime"
	"strconv"
	"sync"
)

// Options are the options of an engine.
type Options struct {
	Store     string // an SQLite file, created if absent, or the URL of a PostgreSQL database
	Responder string // "echo", "script", "openai", or "host": turns are taken by this program

	// Further options of the C library by their names, such as "maxRounds"; see DescribeOptions.
	Settings map[string]string

	// Log is called for each log line, on any thread. It must not call the engine.
	Log func(level Level, line string)

	// Documents loads the documents that messages name, for the responder openai; nil for one that
	// does not exist. It must not call the engine.
	Documents func(DocumentRequest) *Document
}

// Engine is a database of conversations, and the responder that answers them.
type Engine struct {
	handle *C.chatbot_engine
	mutex  sync.Mutex
	set    *waits     // made on first use
	queue  *turnWaits // the same
	closed bool

	maxBodyBytes int64
	prefix       string
}

// Open opens the database, and ends rounds that a dead process left running.
func Open(options Options) (*Engine, error) {
	given := C.chatbot_options_new()
	defer C.chatbot_options_free(given)
	if err := apply(given, options); err != nil {
		return nil, err
	}
	engine := &Engine{}
	var failure *C.chatbot_error
	status := C.chatbot_engine_open(given, &engine.handle, &failure)
	if err := errorOf(status, failure); err != nil {
		return nil, err
	}
	// The engine has checked that it is a number.
	engine.maxBodyBytes, _ = strconv.ParseInt(setting(options.Settings, "maxBodyBytes"), 10, 64)
	engine.prefix = setting(options.Settings, "prefix")
	runtime.SetFinalizer(engine, (*Engine).free)
	return engine, nil
}

func apply(given *C.chatbot_options, options Options) error {
	settings := map[string]string{"store": options.Store}
	if options.Responder != "" {
		settings["responder"] = options.Responder
	}
	for key, value := range options.Settings {
		settings[key] = value
	}
	for key, value := range settings {
		if err := set(given, key, value); err != nil {
			return err
		}
	}
	if options.Log != nil {
		setLog(given, options.Log)
	}
	if options.Documents != nil {
		setDocuments(given, options.Documents)
	}
	return nil
}

func set(options *C.chatbot_options, key, value string) error {
	option := name(key)
	defer free(option)
	given, size := text(value)
	var failure *C.chatbot_error
	return errorOf(C.chatbot_options_set(options, option, given, size, &failure), failure)
}

// Option describes an option of the C library.
type Option struct {
	Name, Type, Default, Description string
}

// DescribeOptions lists the options of the C library.
func DescribeOptions() ([]Option, error) {
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	var options []Option
	found, err := answered(C.chatbot_options_describe(&bytes, &failure), bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, &options)
	}
	return options, err
}

// Close ends all streams and rounds, and waits for callbacks that are running. Later calls are ErrUnavailable. May be
// repeated.
func (e *Engine) Close() {
	defer runtime.KeepAlive(e)
	C.chatbot_engine_shutdown(e.handle)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.closed = true
	if e.set != nil {
		e.set.close()
		e.set = nil
	}
	if e.queue != nil {
		e.queue.close()
		e.queue = nil
	}
}

func (e *Engine) free() {
	e.Close()
	C.chatbot_engine_free(e.handle)
}

// waitSet is nil once the engine is closed: its streams have ended.
func (e *Engine) waitSet() (*waits, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.closed {
		return nil, nil
	}
	var err error
	if e.set == nil {
		e.set, err = newWaits(e.handle)
	}
	return e.set, err
}

// turnQueue is nil once the engine is closed.
func (e *Engine) turnQueue() (*turnWaits, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.closed {
		return nil, nil
	}
	var err error
	if e.queue == nil {
		e.queue, err = newTurnWaits(e.handle)
	}
	return e.queue, err
}
