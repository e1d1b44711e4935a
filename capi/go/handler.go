package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"unsafe"
)

const frameCapacity = 16 * 1024

// Handler serves the endpoints, at /api/chatbot (the option "prefix") or, behind http.StripPrefix,
// anywhere else:
//
//	http.Handle("/api/chatbot/", engine.Handler(identify))
//
// An *Error of identify is answered with its status, any other error and a nil identity with 401.
// Streams end when their client disconnects.
func (e *Engine) Handler(identify func(*http.Request) (*Identity, error)) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		caller, err := identify(request)
		if err == nil && caller == nil {
			err = errUnauthenticated
		}
		if err != nil {
			refuse(writer, err)
			return
		}
		e.serve(writer, request, caller)
	})
}

var (
	errUnauthenticated = &Error{HTTPStatus: http.StatusUnauthorized, Message: "Not authenticated"}
	errIncomplete      = &Error{HTTPStatus: http.StatusBadRequest, Message: "The body is not whole"}
)

func refuse(writer http.ResponseWriter, err error) {
	var known *Error
	if !errors.As(err, &known) {
		known = errUnauthenticated
	}
	detail := []byte(known.Detail)
	if len(detail) == 0 {
		detail, _ = json.Marshal(map[string]string{"detail": known.Message})
	}
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(known.HTTPStatus)
	_, _ = writer.Write(detail)
}

func (e *Engine) serve(writer http.ResponseWriter, request *http.Request, caller *Identity) {
	body, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, e.maxBodyBytes))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		body, err = append(body, 0), nil // the library refuses it
	}
	if err != nil {
		refuse(writer, errIncomplete)
		return
	}
	response, err := e.ask(caller, request, body)
	if err != nil {
		refuse(writer, err)
		return
	}
	defer C.chatbot_response_free(response)
	writeHead(writer, response)
	if stream := C.chatbot_response_take_stream(response); stream != nil {
		send(writer, request, newStream(e, stream))
		return
	}
	var size C.size_t
	content := C.chatbot_response_body(response, &size)
	_, _ = writer.Write(C.GoBytes(unsafe.Pointer(content), C.int(size)))
}

func (e *Engine) ask(caller *Identity, request *http.Request, body []byte) (*C.chatbot_response, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	headers := make(map[string]string, len(request.Header))
	for key, values := range request.Header {
		headers[key] = values[0]
	}
	method, methodSize := text(request.Method)
	target, targetSize := text(e.targetOf(request))
	head, headSize := jsonText(headers)
	content, contentSize := data(body)
	var response *C.chatbot_response
	var failure *C.chatbot_error
	status := C.chatbot_serve(e.handle, caller.handle, method, methodSize, target, targetSize, head,
		headSize, content, contentSize, &response, &failure)
	return response, errorOf(status, failure)
}

// targetOf is path and query below the library's prefix, wherever the host has mounted the endpoints.
func (e *Engine) targetOf(request *http.Request) string {
	target := request.URL.EscapedPath()
	if target != e.prefix && !strings.HasPrefix(target, e.prefix+"/") {
		target = e.prefix + target
	}
	if request.URL.RawQuery != "" {
		target += "?" + request.URL.RawQuery
	}
	return target
}

func writeHead(writer http.ResponseWriter, response *C.chatbot_response) {
	for i := C.size_t(0); i < C.chatbot_response_header_count(response); i++ {
		var value *C.char
		key := C.chatbot_response_header(response, i, &value)
		writer.Header().Set(C.GoString(key), C.GoString(value))
	}
	writer.WriteHeader(int(C.chatbot_response_status(response)))
}

// send copies a stream to the client until it ends or the client disconnects.
func send(writer http.ResponseWriter, request *http.Request, stream *Stream) {
	defer stream.Close()
	flusher, _ := writer.(http.Flusher)
	buffer := make([]byte, frameCapacity)
	for {
		if flusher != nil {
			flusher.Flush()
		}
		count, err := stream.Read(request.Context(), buffer)
		if err != nil {
			return
		}
		if _, err := writer.Write(buffer[:count]); err != nil {
			return
		}
	}
}

// setting is an option as it was given, or its default.
func setting(settings map[string]string, option string) string {
	if given, ok := settings[option]; ok {
		return given
	}
	options, _ := DescribeOptions()
	for _, each := range options {
		if each.Name == option {
			return each.Default
		}
	}
	return ""
}
