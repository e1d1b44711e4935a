package chatbot

/*
#cgo pkg-config: chatbot
#include <chatbot.h>
#include <stdlib.h>

extern void chatbotGoLog(uintptr_t, int32_t, char*, size_t);
extern void chatbotGoLoad(uintptr_t, char*, size_t, chatbot_document*);
extern void chatbotGoCancelled(uintptr_t);
extern void chatbotGoRelease(uintptr_t);

// A handle is a number in Go, as Go's stack must not hold a pointer that is none of Go's.
static void writeLog(void* handle, int32_t level, const char* text, size_t length) {
  chatbotGoLog((uintptr_t)handle, level, (char*)text, length);
}

static void load(void* handle, const char* request, size_t length, chatbot_document* document) {
  chatbotGoLoad((uintptr_t)handle, (char*)request, length, document);
}

static void cancelled(void* handle) { chatbotGoCancelled((uintptr_t)handle); }

static void release(void* handle) { chatbotGoRelease((uintptr_t)handle); }

static chatbot_status setLog(chatbot_options* options, uintptr_t handle) {
  return chatbot_options_set_log(options, writeLog, (void*)handle, release);
}

static chatbot_status setDocuments(chatbot_options* options, uintptr_t handle) {
  return chatbot_options_set_documents(options, load, (void*)handle, release);
}

static chatbot_status onCancel(chatbot_turn* turn, uintptr_t handle) {
  return chatbot_turn_on_cancel(turn, cancelled, (void*)handle, release);
}
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

// text is the pointer to a Go text for C, valid during one call; NULL for an empty text.
func text(value string) (*C.char, C.size_t) {
	return data([]byte(value))
}

func data(value []byte) (*C.char, C.size_t) {
	if len(value) == 0 {
		return nil, 0
	}
	return (*C.char)(unsafe.Pointer(&value[0])), C.size_t(len(value))
}

// name is a text that ends with a NUL; the caller frees it.
func name(value string) *C.char { return C.CString(value) }

func free(value *C.char) { C.free(unsafe.Pointer(value)) }

// taken copies the library's bytes and frees them.
func taken(bytes *C.chatbot_bytes) []byte {
	defer C.chatbot_bytes_free(bytes)
	size := C.chatbot_bytes_size(bytes)
	return C.GoBytes(unsafe.Pointer(C.chatbot_bytes_data(bytes)), C.int(size))
}

// answered is the result of a call: its bytes or its error.
func answered(status C.chatbot_status, bytes *C.chatbot_bytes, failure *C.chatbot_error) ([]byte, error) {
	if err := errorOf(status, failure); err != nil {
		return nil, err
	}
	return taken(bytes), nil
}

// Version is the version of the C library that is loaded, such as "0.1.0".
func Version() string { return C.GoString(C.chatbot_version_string()) }

// HasFeature tells whether a feature is built into the library: "sqlite", "postgres", "unicode" or "openai".
func HasFeature(feature string) bool {
	given := name(feature)
	defer free(given)
	return C.chatbot_has_feature(given) == 1
}

func setLog(options *C.chatbot_options, log func(Level, string)) {
	C.setLog(options, C.uintptr_t(cgo.NewHandle(log)))
}

func setDocuments(options *C.chatbot_options, load func(DocumentRequest) *Document) {
	C.setDocuments(options, C.uintptr_t(cgo.NewHandle(load)))
}

func onCancel(turn *C.chatbot_turn, cancel func()) {
	C.onCancel(turn, C.uintptr_t(cgo.NewHandle(cancel)))
}
