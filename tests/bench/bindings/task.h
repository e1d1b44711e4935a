/* What each program of the comparison does, through its own interface; see bindings_bench.py. */
#ifndef CHATBOT_BENCH_TASK_H
#define CHATBOT_BENCH_TASK_H

#define LIST_TARGET "/api/chatbot/threads?pagination=%7B%22page%22%3A1%2C%22pageSize%22%3A20%7D"

enum {
  LIST_REQUESTS = 3000,
  THREAD_READS = 5, /* of the whole thread, item by item */
  STREAM_WORKFLOWS = 10,
  STREAMS = 1000 /* open at once, of those workflows */
};

#endif
