/* Many connections to one ROUTER; see bench/cases/connections.ts. */

#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

#define SETTLE_US 300000

static void **connect_all(const struct task *task, const char *endpoint) {
  const char *body = new_body(task);
  void **dealers = calloc(task->count, sizeof *dealers);
  if (dealers == NULL) fail("calloc");
  for (int i = 0; i < task->count; i++) {
    dealers[i] = open_socket(task, ZMQ_DEALER);
    connect_to(dealers[i], endpoint);
    send_body(dealers[i], body, task->size);
  }
  return dealers;
}

static void storm_server(const struct task *task) {
  void *router = open_socket(task, ZMQ_ROUTER);
  bound(task, bind_anywhere(task, router));
  echo_forever(router);
}

static void storm_client(const struct task *task, const char *endpoint) {
  double start = now_ms();
  void **dealers = connect_all(task, endpoint);
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (int i = 0; i < task->count; i++) receive_body(dealers[i], &message, task->size);
  report("\"time\":%f", now_ms() - start);
}

static void idle_server(const struct task *task) {
  void *router = open_socket(task, ZMQ_ROUTER);
  const char *endpoint = bind_anywhere(task, router);
  double before = resident_bytes();
  bound(task, endpoint);
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  for (int left = task->count; left > 0;) {
    if (zmq_msg_recv(&frame, router, 0) < 0) fail_zmq("zmq_msg_recv");
    if (!zmq_msg_more(&frame)) left--;
  }
  usleep(SETTLE_US);
  report("\"bytes\":%f", (resident_bytes() - before) / task->count);
}

static void idle_client(const struct task *task, const char *endpoint) {
  connect_all(task, endpoint);
  stay();
}

const struct program storm = {"storm", storm_server, storm_client};
const struct program idle_connections = {"idle", idle_server, idle_client};
