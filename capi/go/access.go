package chatbot

/*
#include <chatbot.h>
*/
import "C"

import (
	"encoding/json"
	"runtime"
)

// Rule is an access rule of a role. Levels are "n" (none), "m" (my), "g" (group) and "a" (all).
type Rule struct {
	Role   string `json:"role"`
	Table  string `json:"table,omitempty"`
	Read   string `json:"read,omitempty"`
	Create string `json:"create,omitempty"`
	Update string `json:"update,omitempty"`
	Delete string `json:"delete,omitempty"`
}

// Rules answers the access rules in force.
func (e *Engine) Rules() ([]Rule, error) {
	defer runtime.KeepAlive(e)
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	var rules []Rule
	found, err := answered(C.chatbot_access_rules(e.handle, &bytes, &failure), bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, &rules)
	}
	return rules, err
}

// SetRules replaces the access rules, for calls and open streams alike, in every engine on the
// database.
func (e *Engine) SetRules(rules []Rule) error {
	defer runtime.KeepAlive(e)
	given, size := jsonText(append([]Rule{}, rules...))
	var failure *C.chatbot_error
	return errorOf(C.chatbot_access_set_rules(e.handle, given, size, &failure), failure)
}

// Row is what the access rules look at of a row.
type Row struct {
	MandateID string `json:"mandateId"`
	CreatedBy string `json:"_createdBy"`
}

// Allows tells whether the caller may do an operation ("read", "create", "update" or "delete") to a
// row of a table.
func (e *Engine) Allows(caller *Identity, table, operation string, row Row) (bool, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	where, what := name(table), name(operation)
	defer free(where)
	defer free(what)
	given, size := jsonText(row)
	var allowed C.int32_t
	var failure *C.chatbot_error
	status := C.chatbot_access_check(e.handle, caller.handle, where, what, given, size, &allowed, &failure)
	return allowed == 1, errorOf(status, failure)
}

// Decision names the level that a caller has, and the rule that gives it, where one does.
type Decision struct {
	Level string  `json:"level"`
	Role  *string `json:"role"`
	Table *string `json:"table"`
	Rule  *int    `json:"rule"` // its place among the rules
}

// Explain tells which rule decides about an operation.
func (e *Engine) Explain(caller *Identity, table, operation string) (*Decision, error) {
	defer runtime.KeepAlive(e)
	defer runtime.KeepAlive(caller)
	where, what := name(table), name(operation)
	defer free(where)
	defer free(what)
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	decision := &Decision{}
	found, err := answered(C.chatbot_access_explain(e.handle, caller.handle, where, what, &bytes, &failure),
		bytes, failure)
	if err == nil {
		err = json.Unmarshal(found, decision)
	}
	return decision, err
}
