/* REQ <-> REP; see bench/cases/request_reply.ts. */

#include <stdlib.h>

#include "peer.h"

#define MAX_SAMPLES (1 << 18)

static void server(const struct task *task) {
  void *reply = open_socket(task, ZMQ_REP);
  bound(task, bind_anywhere(task, reply));
  echo_forever(reply);
}

static int by_value(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

static double quantile(const double *sorted, int count, double q) {
  if (count == 0) return 0;
  double at = (count - 1) * q;
  int below = (int)at;
  int above = below + 1 < count ? below + 1 : below;
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

static void client(const struct task *task, const char *endpoint) {
  static double samples[MAX_SAMPLES];
  void *request = open_socket(task, ZMQ_REQ);
  connect_to(request, endpoint);
  const char *body = new_body(task);
  zmq_msg_t message;
  zmq_msg_init(&message);
  int count = 0;
  double last = now_ms();
  double from = last + task->warmup;
  double until = from + task->window;
  while (last < until) {
    send_body(request, body, task->size);
    receive_body(request, &message, task->size);
    double now = now_ms();
    if (now >= from && count < MAX_SAMPLES) samples[count++] = now - last;
    last = now;
  }
  qsort(samples, count, sizeof *samples, by_value);
  report("\"p50\":%f,\"p99\":%f", 1000 * quantile(samples, count, 0.5), 1000 * quantile(samples, count, 0.99));
}

const struct program req_rep = {"req-rep", server, client};
