package chatbot

/*
#include <chatbot.h>
#include <stdint.h>
*/
import "C"

import (
	"encoding/json"
	"runtime/cgo"
	"unsafe"
)

// Level is the level of a log line.
type Level int

// The levels.
const (
	Debug Level = iota
	Info
	Warning
	Failure
)

// DocumentRequest asks for a document that a user's message names. The user is the one who sent the
// message; the host decides whether the file is theirs.
type DocumentRequest struct {
	FileID     string `json:"fileId"`
	WorkflowID string `json:"workflowId"`
	UserID     string `json:"userId"`
	MandateID  string `json:"mandateId"`
	MaxBytes   uint64 `json:"maxBytes"`
}

// Document is a document that the responder openai sends to the model, by its type as text or as an
// image. If it is larger than the request's MaxBytes, Size is enough, and Data may be left out.
type Document struct {
	Name, MIMEType string
	Size           uint64
	Data           []byte
}

func valueOf(handle C.uintptr_t) any { return cgo.Handle(handle).Value() }

//export chatbotGoLog
func chatbotGoLog(handle C.uintptr_t, level C.int32_t, line *C.char, length C.size_t) {
	valueOf(handle).(func(Level, string))(Level(level), C.GoStringN(line, C.int(length)))
}

//export chatbotGoLoad
func chatbotGoLoad(handle C.uintptr_t, request *C.char, length C.size_t, target *C.chatbot_document) {
	var asked DocumentRequest
	if json.Unmarshal(C.GoBytes(unsafe.Pointer(request), C.int(length)), &asked) != nil {
		return
	}
	document := valueOf(handle).(func(DocumentRequest) *Document)(asked)
	if document == nil {
		return
	}
	title, titleSize := text(document.Name)
	kind, kindSize := text(document.MIMEType)
	content, contentSize := data(document.Data)
	size := document.Size
	if size == 0 {
		size = uint64(len(document.Data))
	}
	C.chatbot_document_set(target, title, titleSize, kind, kindSize, C.uint64_t(size), content,
		contentSize, nil)
}

//export chatbotGoCancelled
func chatbotGoCancelled(handle C.uintptr_t) { valueOf(handle).(func())() }

//export chatbotGoRelease
func chatbotGoRelease(handle C.uintptr_t) { cgo.Handle(handle).Delete() }
