// Package chatbot is a complete chatbot backend in the server that you already have: conversations,
// answers that stream to any number of readers, access rules, paging and filtering, on an SQLite
// file or a PostgreSQL database.
//
// It stands on the C library, by cgo and pkg-config. Engine.Handler mounts the endpoints; Engine.Take
// gives turns to a responder written in Go.
//
// Streams and turns wait on Go's own poller: a goroutine that waits for one has no thread. Methods
// may be called from any goroutine, but those of a Stream and a Turn by one at a time where they do
// not say otherwise. Close frees an object of the library at once, the garbage collector later.
package chatbot
