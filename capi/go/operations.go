package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"encoding/json"
	"runtime"
)

// Identity is a caller, as the host has authenticated it.
type Identity struct {
	handle *C.chatbot_identity
}

// NewIdentity makes the identity of a caller; mandateID is empty for one without a tenant. It may be
// kept and used by any goroutine.
func NewIdentity(userID, mandateID string, roles ...string) (*Identity, error) {
	document, err := json.Marshal(map[string]any{
		"userId": userID, "mandateId": mandateID, "roles": append([]string{}, roles...)})
	if err != nil {
		return nil, err
	}
	identity := &Identity{}
	var failure *C.chatbot_error
	given, size := data(document)
	if err := errorOf(C.chatbot_identity_new(given, size, &identity.handle, &failure), failure); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(identity, func(i *Identity) { C.chatbot_identity_free(i.handle) })
	return identity, nil
}

// Workflow is a conversation. Times are seconds since the Unix epoch.
type Workflow struct {
	ID           string  `json:"id"`
	MandateID    string  `json:"mandateId"`
	Name         string  `json:"name"`
	Status       string  `json:"status"` // running, completed, stopped or error
	CurrentRound int64   `json:"currentRound"`
	StartedAt    float64 `json:"startedAt"`
	LastActivity float64 `json:"lastActivity"`
	CreatedBy    string  `json:"_createdBy"`
	CreatedAt    float64 `json:"_createdAt"`
}

// Input is a prompt and what belongs to it.
type Input struct {
	Prompt       string   `json:"prompt"`
	FileIDs      []string `json:"listFileId,omitempty"`
	UserLanguage string   `json:"userLanguage,omitempty"`
}

// Start says how a round is started. Each field may be left out.
type Start struct {
	WorkflowID     string `json:"workflowId,omitempty"`     // the conversation to go on with
	OnBusy         string `json:"onBusy,omitempty"`         // "reject", "interrupt" or "enqueue"
	IdempotencyKey string `json:"idempotencyKey,omitempty"` // one round for each
	Deltas         bool   `json:"-"`                        // the stream shows text as it is written
}

// Start starts a conversation, or its next round. The workflow is as it was stored, and the stream
// that of the round.
func (e *Engine) Start(caller *Identity, input Input, how Start) (*Workflow, *Stream, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	body, bodySize := jsonText(input)
	params, paramsSize := jsonText(how)
	var bytes *C.chatbot_bytes
	var stream *C.chatbot_stream
	var failure *C.chatbot_error
	status := C.chatbot_start(e.handle, caller.handle, body, bodySize, params, paramsSize,
		deltas(how.Deltas), &bytes, &stream, &failure)
	workflow, err := workflowOf(status, bytes, failure)
	if err != nil {
		return nil, nil, err
	}
	return workflow, newStream(e, stream), nil
}

func deltas(shown bool) C.int32_t {
	if shown {
		return C.CHATBOT_DELTAS
	}
	return 0
}

func jsonText(value any) (*C.char, C.size_t) {
	encoded, _ := json.Marshal(value) // of texts and numbers, which always have a form
	return data(encoded)
}

func workflowOf(status C.chatbot_status, bytes *C.chatbot_bytes, failure *C.chatbot_error) (*Workflow, error) {
	workflow := &Workflow{}
	found, err := answered(status, bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, workflow)
	}
	return workflow, err
}

// Join opens a stream of the items after a position ("" for all), then of those that are appended.
// Nil if nothing is left to be sent and nothing more will come.
func (e *Engine) Join(caller *Identity, workflowID, place string, withDeltas bool) (*Stream, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	id, idSize := text(workflowID)
	from, fromSize := text(place)
	var stream *C.chatbot_stream
	var failure *C.chatbot_error
	status := C.chatbot_join(e.handle, caller.handle, id, idSize, from, fromSize, deltas(withDeltas),
		&stream, &failure)
	if err := errorOf(status, failure); err != nil || status == C.CHATBOT_END {
		return nil, err
	}
	return newStream(e, stream), nil
}

// Stop stops the running round, and answers the workflow as it is afterwards.
func (e *Engine) Stop(caller *Identity, workflowID string) (*Workflow, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	id, size := text(workflowID)
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	status := C.chatbot_stop(e.handle, caller.handle, id, size, &bytes, &failure)
	return workflowOf(status, bytes, failure)
}

// Rename gives a conversation another name, and answers the workflow as it is afterwards.
func (e *Engine) Rename(caller *Identity, workflowID, newName string) (*Workflow, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	id, size := text(workflowID)
	given, givenSize := text(newName)
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	status := C.chatbot_rename(e.handle, caller.handle, id, size, given, givenSize, &bytes, &failure)
	return workflowOf(status, bytes, failure)
}

// Delete deletes a conversation with all that belongs to it; a running round is stopped first.
func (e *Engine) Delete(caller *Identity, workflowID string) error {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	id, size := text(workflowID)
	var failure *C.chatbot_error
	return errorOf(C.chatbot_delete(e.handle, caller.handle, id, size, &failure), failure)
}

// SortField is a field to sort by.
type SortField struct {
	Field     string `json:"field"`
	Direction string `json:"direction"` // "asc" or "desc"
}

// PageQuery chooses a page of conversations, by Page or by Cursor, the NextCursor of an earlier page.
// Filters are those of the endpoint, such as {"status": "completed"}.
type PageQuery struct {
	Page     int            `json:"page,omitempty"`
	Cursor   string         `json:"cursor,omitempty"`
	PageSize int            `json:"pageSize,omitempty"`
	Sort     []SortField    `json:"sort,omitempty"`
	Filters  map[string]any `json:"filters,omitempty"`
}

// Page is a page of conversations.
type Page struct {
	Items      []Workflow `json:"items"`
	Pagination struct {
		CurrentPage int    `json:"currentPage"`
		PageSize    int    `json:"pageSize"`
		TotalItems  int    `json:"totalItems"`
		TotalPages  int    `json:"totalPages"`
		NextCursor  string `json:"nextCursor"` // empty where no other page follows
	} `json:"pagination"`
}

// List answers a page of the caller's conversations; all of them for a nil query.
func (e *Engine) List(caller *Identity, query *PageQuery) (*Page, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	var params *C.char
	var size C.size_t
	if query != nil {
		params, size = jsonText(query)
	}
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	page := &Page{}
	found, err := answered(C.chatbot_list(e.handle, caller.handle, params, size, &bytes, &failure),
		bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, page)
	}
	return page, err
}

// Thread is a conversation with all its items, {"type", "createdAt", "item"} each.
type Thread struct {
	Workflow Workflow `json:"workflow"`
	ChatData struct {
		Items []json.RawMessage `json:"items"`
	} `json:"chatData"`
}

// Thread answers a conversation with all its items.
func (e *Engine) Thread(caller *Identity, workflowID string) (*Thread, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	id, size := text(workflowID)
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	thread := &Thread{}
	found, err := answered(C.chatbot_detail(e.handle, caller.handle, id, size, &bytes, &failure),
		bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, thread)
	}
	return thread, err
}
