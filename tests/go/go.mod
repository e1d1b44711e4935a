module host

go 1.19

require chatbot v0.0.0

replace chatbot => ../../capi/go
