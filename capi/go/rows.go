package chatbot

/*
#include <chatbot.h>
*/
import "C"

import "encoding/json"

// Select pages, sorts and filters rows of the host like a list of conversations. The rows are a JSON
// list of objects, the answer is the JSON object {"items", "pagination"}. The schema names the fields
// and their types ("text", "integer" or "real"); nil stands for the fields of conversations.
func Select(rows json.RawMessage, schema map[string]string, query PageQuery) (json.RawMessage, error) {
	given, size := data(rows)
	var fields *C.char
	var fieldsSize C.size_t
	if schema != nil {
		fields, fieldsSize = jsonText(schema)
	}
	params, paramsSize := jsonText(query)
	var bytes *C.chatbot_bytes
	var failure *C.chatbot_error
	status := C.chatbot_select(given, size, fields, fieldsSize, params, paramsSize, &bytes, &failure)
	return answered(status, bytes, failure)
}
