module chatbot

go 1.19
