/* PUB -> SUBs, never more than 500 messages ahead of the slowest; see bench/cases/pub_sub.ts. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "peer.h"

/* Messages that every subscriber gets between two reports. */
#define BURST 100
#define BURSTS 5
#define SLOTS (2 * BURSTS)
#define SYNC_INTERVAL_US 10000

enum { SYNC = 1, REAL = 2 };

static void publish(const struct task *task, void *publisher, char *body, char kind, int number) {
  body[0] = '0' + number % task->topics;
  body[1] = kind;
  send_body(publisher, body, task->size);
}

static bool receive_word(void *socket, int flags) {
  char word[32];
  if (zmq_recv(socket, word, sizeof word, flags) >= 0) return true;
  if (zmq_errno() != EAGAIN) fail_zmq("zmq_recv");
  return false;
}

/* A socket that sends continuously checks only once per millisecond whether its queues are empty again, unless it is asked. */
static void notice_room(void *publisher) {
  int events;
  size_t length = sizeof events;
  if (zmq_getsockopt(publisher, ZMQ_EVENTS, &events, &length) != 0) fail_zmq("ZMQ_EVENTS");
}

static void server(const struct task *task) {
  void *publisher = open_socket(task, ZMQ_PUB);
  void *told = open_socket(task, ZMQ_PULL);
  char endpoints[1024];
  snprintf(endpoints, sizeof endpoints, "%s %s", bind_anywhere(task, publisher), bind_anywhere(task, told));
  bound(task, endpoints);

  char *body = new_body(task);
  while (!receive_word(told, ZMQ_DONTWAIT)) {
    for (int topic = 0; topic < task->topics; topic++) publish(task, publisher, body, SYNC, topic);
    usleep(SYNC_INTERVAL_US);
  }
  for (uint64_t burst = 0;; burst++) {
    if (burst >= BURSTS) receive_word(told, 0);
    notice_room(publisher);
    for (int i = 0; i < BURST * task->topics; i++) publish(task, publisher, body, REAL, i);
  }
}

static void *subscribe(const struct task *task, const char *endpoint, int number) {
  void *subscriber = open_socket(task, ZMQ_SUB);
  char topic = '0' + number % task->topics;
  if (zmq_setsockopt(subscriber, ZMQ_SUBSCRIBE, &topic, 1) != 0) fail_zmq("ZMQ_SUBSCRIBE");
  connect_to(subscriber, endpoint);
  return subscriber;
}

/* Receives a message without waiting; false if there is none. */
static bool receive_now(const struct task *task, void *socket, zmq_msg_t *message) {
  if (zmq_msg_recv(message, socket, ZMQ_DONTWAIT) < 0) {
    if (zmq_errno() != EAGAIN) fail_zmq("zmq_msg_recv");
    return false;
  }
  if (zmq_msg_size(message) != task->size) fail("got another size");
  return true;
}

static void client(const struct task *task, const char *endpoints) {
  char endpoint[512], tell[512];
  if (sscanf(endpoints, "%511s %511s", endpoint, tell) != 2) fail("no two endpoints");
  void *telling = open_socket(task, ZMQ_PUSH);
  connect_to(telling, tell);

  zmq_pollitem_t *items = calloc(task->count, sizeof *items);
  uint64_t *counts = calloc(task->count, sizeof *counts);
  void **stopped = calloc(task->stopped + 1, sizeof *stopped);
  if (items == NULL || counts == NULL || stopped == NULL) fail("calloc");
  for (int i = 0; i < task->count; i++) {
    items[i].socket = subscribe(task, endpoint, i);
    items[i].events = ZMQ_POLLIN;
  }
  for (int i = 0; i < task->stopped; i++) stopped[i] = subscribe(task, endpoint, i);

  zmq_msg_t message;
  zmq_msg_init(&message);
  for (int i = 0; i < task->count; i++) receive_body(items[i].socket, &message, task->size);
  for (int i = 0; i < task->stopped; i++) receive_body(stopped[i], &message, task->size);
  send_body(telling, "all are here", 12);

  struct rate_meter meter = new_rate_meter(task);
  int done[SLOTS] = {0};
  for (;;) {
    if (zmq_poll(items, task->count, -1) < 0) fail_zmq("zmq_poll");
    for (int i = 0; i < task->count; i++) {
      if ((items[i].revents & ZMQ_POLLIN) == 0) continue;
      while (receive_now(task, items[i].socket, &message)) {
        if (((char *)zmq_msg_data(&message))[1] == SYNC) continue;
        if (rate_add(&meter)) report("\"rate\":%f", meter.rate);
        if (++counts[i] % BURST != 0) continue;
        int *slot = &done[counts[i] / BURST % SLOTS];
        if (++*slot < task->count) continue;
        *slot = 0;
        send_body(telling, "go on", 5);
      }
    }
  }
}

const struct program pub_sub = {"pub-sub", server, client};
