package chatbot

/*
#include <chatbot.h>
*/
import "C"

import "encoding/json"

// Select pages, sorts and filters rows of the host's own as the lists of conversations are: the rows,
// a JSON list of objects, and what is answered, {"items", "pagination"}, stay JSON. The schema names
// the fields: "text", "integer" or "real"; nil for those of conversations.
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
