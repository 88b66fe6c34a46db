/* The memory of a receiver; see bench/cases/memory.ts. */

#include <stdlib.h>

#include "peer.h"

#define MB 1e6
#define BEFORE 0.1

static void send_all(const struct task *task, const char *endpoint, uint64_t count) {
  void *push = open_socket(task, ZMQ_PUSH);
  connect_to(push, endpoint);
  const char *body = new_body(task);
  for (uint64_t i = 0; i < count; i++) send_body(push, body, task->size);
  stay();
}

static uint64_t count_through(const struct task *task) { return (uint64_t)(task->count * task->scale); }

static void through_server(const struct task *task) {
  void *pull = open_socket(task, ZMQ_PULL);
  const char *endpoint = bind_anywhere(task, pull);
  double before = resident_bytes();
  bound(task, endpoint);
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (uint64_t left = count_through(task); left > 0; left--) receive_body(pull, &message, task->size);
  double peak = peak_bytes();
  report("\"peak\":%f,\"growth\":%f", peak / MB, (peak - before) / MB);
}

static void through_client(const struct task *task, const char *endpoint) {
  send_all(task, endpoint, count_through(task));
}

static void kept_server(const struct task *task) {
  void *pull = open_socket(task, ZMQ_PULL);
  bound(task, bind_anywhere(task, pull));
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (int left = (int)(task->count * BEFORE); left > 0; left--) receive_body(pull, &message, task->size);
  double before = resident_bytes();
  zmq_msg_t *messages = malloc(task->count * sizeof *messages);
  if (messages == NULL) fail("malloc");
  for (int i = 0; i < task->count; i++) {
    zmq_msg_init(&messages[i]);
    receive_body(pull, &messages[i], task->size);
  }
  report("\"bytes\":%f", (resident_bytes() - before) / task->count);
}

static void kept_client(const struct task *task, const char *endpoint) {
  send_all(task, endpoint, (uint64_t)(task->count * (1 + BEFORE)));
}

const struct program memory_through = {"memory-through", through_server, through_client};
const struct program memory_kept = {"memory-kept", kept_server, kept_client};
