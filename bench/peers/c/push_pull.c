/* PUSH -> PULL; see bench/cases/push_pull.ts. */

#include "peer.h"

/* The same as in bench/peers/library.ts. */
#define SERVER_PUBLIC "VZ0hQd(1FizLBZ1lpc#pJ2t-.rlh@^M]E6%xvh>y"
#define SERVER_SECRET "]D^JOJ(gx0r-{&HDQ8FpQObz4VY%p>:QTa[D:u6M"
#define CLIENT_PUBLIC "E9^LdHebu3fKe5f*58A2[dVE[Mq?tulSG:Vi0VDo"
#define CLIENT_SECRET "AAVC)pKz0OU64SCSrz(n)+)K97y%hc]4b]8V5.TL"

static void set_key(void *socket, int option, const char *key) {
  if (zmq_setsockopt(socket, option, key, 41) != 0) fail_zmq("zmq_setsockopt");
}

static void receive(const struct task *task, void *pull) {
  bound(task, bind_anywhere(task, pull));
  struct rate_meter meter = new_rate_meter(task);
  zmq_msg_t message;
  zmq_msg_init(&message);
  do {
    receive_body(pull, &message, task->size);
  } while (!rate_add(&meter));
  report("\"rate\":%f", meter.rate);
}

static void send_to(const struct task *task, void *push, const char *endpoint) {
  connect_to(push, endpoint);
  const char *body = new_body(task);
  for (;;) send_body(push, body, task->size);
}

static void server(const struct task *task) { receive(task, open_socket(task, ZMQ_PULL)); }

static void client(const struct task *task, const char *endpoint) {
  send_to(task, open_socket(task, ZMQ_PUSH), endpoint);
}

static void curve_server(const struct task *task) {
  void *pull = open_socket(task, ZMQ_PULL);
  int yes = 1;
  if (zmq_setsockopt(pull, ZMQ_CURVE_SERVER, &yes, sizeof yes) != 0) fail_zmq("ZMQ_CURVE_SERVER");
  set_key(pull, ZMQ_CURVE_SECRETKEY, SERVER_SECRET);
  receive(task, pull);
}

static void curve_client(const struct task *task, const char *endpoint) {
  void *push = open_socket(task, ZMQ_PUSH);
  set_key(push, ZMQ_CURVE_SERVERKEY, SERVER_PUBLIC);
  set_key(push, ZMQ_CURVE_PUBLICKEY, CLIENT_PUBLIC);
  set_key(push, ZMQ_CURVE_SECRETKEY, CLIENT_SECRET);
  send_to(task, push, endpoint);
}

const struct program push_pull_curve = {"push-pull-curve", curve_server, curve_client};
const struct program push_pull = {"push-pull", server, client};
