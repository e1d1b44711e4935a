// The FTS5 tokenizer `chatbot`: WordSplit's words.
#pragma once

struct sqlite3;

namespace chatbot::store {

// Makes it known to the connection. Returns SQLite's result code; an SQLite without FTS5 has none.
//
// A text to be indexed is folded by foldForms and split. A string of a MATCH expression is split at
// spaces and not changed: it holds words that WordSplit made. The places of tokens are those in the
// folded text: only highlight() and snippet() look at them, which an index without content lacks.
int registerTokenizer(sqlite3* database);

}  // namespace chatbot::store
