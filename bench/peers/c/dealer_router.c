/* DEALER <-> ROUTER, with many requests in flight or with many dealers; see bench/cases/dealer_router.ts. */

#include <stdlib.h>

#include "peer.h"

static void server(const struct task *task) {
  void *router = open_socket(task, ZMQ_ROUTER);
  bound(task, bind_anywhere(task, router));
  echo_forever(router);
}

static void ask_in_flight(const struct task *task, const char *endpoint) {
  void *dealer = open_socket(task, ZMQ_DEALER);
  connect_to(dealer, endpoint);
  const char *body = new_body(task);
  zmq_msg_t message;
  zmq_msg_init(&message);
  struct rate_meter meter = new_rate_meter(task);
  for (int i = 0; i < task->count; i++) send_body(dealer, body, task->size);
  for (;;) {
    receive_body(dealer, &message, task->size);
    if (rate_add(&meter)) report("\"rate\":%f", meter.rate);
    send_body(dealer, body, task->size);
  }
}

static void ask_from_many(const struct task *task, const char *endpoint) {
  const char *body = new_body(task);
  zmq_pollitem_t *items = calloc(task->count, sizeof *items);
  if (items == NULL) fail("calloc");
  for (int i = 0; i < task->count; i++) {
    items[i].socket = open_socket(task, ZMQ_DEALER);
    items[i].events = ZMQ_POLLIN;
    connect_to(items[i].socket, endpoint);
  }
  for (int i = 0; i < task->count; i++) send_body(items[i].socket, body, task->size);
  zmq_msg_t message;
  zmq_msg_init(&message);
  struct rate_meter meter = new_rate_meter(task);
  for (;;) {
    if (zmq_poll(items, task->count, -1) < 0) fail_zmq("zmq_poll");
    for (int i = 0; i < task->count; i++) {
      if ((items[i].revents & ZMQ_POLLIN) == 0) continue;
      receive_body(items[i].socket, &message, task->size);
      if (rate_add(&meter)) report("\"rate\":%f", meter.rate);
      send_body(items[i].socket, body, task->size);
    }
  }
}

const struct program dealer_router = {"dealer-router", server, ask_in_flight};
const struct program router_dealers = {"router-dealers", server, ask_from_many};
