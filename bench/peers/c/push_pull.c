/* PUSH -> PULL; see bench/cases/push_pull.ts. */

#include "peer.h"

static void server(const struct task *task) {
  void *pull = open_socket(task, ZMQ_PULL);
  bound(task, bind_anywhere(task, pull));
  struct rate_meter meter = new_rate_meter(task);
  zmq_msg_t message;
  zmq_msg_init(&message);
  do {
    receive_body(pull, &message, task->size);
  } while (!rate_add(&meter));
  report("\"rate\":%f", meter.rate);
}

static void client(const struct task *task, const char *endpoint) {
  void *push = open_socket(task, ZMQ_PUSH);
  connect_to(push, endpoint);
  const char *body = new_body(task);
  for (;;) send_body(push, body, task->size);
}

const struct program push_pull = {"push-pull", server, client};
