package chatbot

/*
#include <chatbot.h>
*/
import "C"

import "encoding/json"

// Status is a status of the C library.
type Status int32

// Error is a call that was refused or has failed; unless it is ErrOutcomeUnknown, it has changed
// nothing.
type Error struct {
	Status     Status
	Code       string          // the status by its name, such as "CHATBOT_NOT_FOUND"
	HTTPStatus int             // what a server would answer
	Message    string          // one line, safe to show to a client
	Detail     json.RawMessage // {"detail": …}, as a server would answer it
}

// The errors that errors.Is compares with, by their status.
var (
	ErrInvalidArgument = sentinel(C.CHATBOT_INVALID_ARGUMENT)
	ErrNotFound        = sentinel(C.CHATBOT_NOT_FOUND)
	ErrForbidden       = sentinel(C.CHATBOT_FORBIDDEN)
	ErrBusy            = sentinel(C.CHATBOT_BUSY)
	ErrUnavailable     = sentinel(C.CHATBOT_UNAVAILABLE)
	ErrConflict        = sentinel(C.CHATBOT_CONFLICT)
	ErrCancelled       = sentinel(C.CHATBOT_CANCELLED)
	// A database server was lost at a commit: the change may be done or not.
	ErrOutcomeUnknown = sentinel(C.CHATBOT_OUTCOME_UNKNOWN)
)

func sentinel(status C.chatbot_status) *Error {
	code := C.GoString(C.chatbot_status_name(status))
	return &Error{Status: Status(status), Code: code, Message: code}
}

// Error is the message after the name of the package.
func (e *Error) Error() string { return "chatbot: " + e.Message }

// Is makes an error equal to the variable of its status.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.HTTPStatus == 0 && other.Status == e.Status
}

// errorOf makes an error of a status and frees the library's; nil for a status that is no failure.
func errorOf(status C.chatbot_status, failure *C.chatbot_error) error {
	if status >= 0 {
		return nil
	}
	defer C.chatbot_error_free(failure)
	found := sentinel(status)
	if failure == nil {
		found.HTTPStatus = 500
		return found
	}
	found.HTTPStatus = int(C.chatbot_error_http_status(failure))
	found.Message = C.GoString(C.chatbot_error_message(failure))
	found.Detail = json.RawMessage(C.GoString(C.chatbot_error_detail_json(failure)))
	return found
}
