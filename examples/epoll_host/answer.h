/* Answers, put into a connection's output. */
#pragma once

#include "connection.h"

/* Answers by the library or with the page. Where the answer is a stream, its head is put into the
 * output and the connection has the stream. */
void answerRequest(Connection* connection, const Request* request);

/* Answers what cannot be read. */
void answerError(Connection* connection, int status);

/* Lets the client send the body that it has announced. */
void addContinue(Connection* connection);
