package chatbot

import (
	"os"
	"sync"
	"syscall"
)

// readable waits on Go's poller for a descriptor that the library owns.
type readable struct {
	file *os.File
	done sync.WaitGroup
}

// watch calls wake each time that the descriptor has become readable, from one goroutine, until it
// is closed. The poller tells edges, and keeps one that comes while wake runs: wake must take all
// that is there.
func watch(descriptor int, wake func()) (*readable, error) {
	own, err := syscall.Dup(descriptor)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(own)
	// Only a descriptor that does not block is given to the poller.
	if err := syscall.SetNonblock(own, true); err != nil {
		syscall.Close(own)
		return nil, err
	}
	r := &readable{file: os.NewFile(uintptr(own), "chatbot")}
	connection, err := r.file.SyscallConn()
	if err != nil {
		r.file.Close()
		return nil, err
	}
	r.done.Add(1)
	go func() {
		defer r.done.Done()
		_ = connection.Read(func(uintptr) bool {
			wake()
			return false
		})
	}()
	return r, nil
}

// close returns when wake is not running and will not run.
func (r *readable) close() {
	r.file.Close()
	r.done.Wait()
}
