/*
 * What the C programs of the benchmarks share: what they are told, how they report, and meters that measure the way the
 * ones in bench/meter.ts do.
 */

#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

/* What a program is told on its command line; see bench/part.ts. Times are in ms. */
struct task {
  void *context;
  const char *role;
  const char *transport;
  const char *folder;
  const char *endpoint;
  size_t size;
  int count;
  int topics;
  int stopped;
  double warmup;
  double window;
  double scale;
};

/* The two sides of a benchmark. */
struct program {
  const char *name;
  void (*server)(const struct task *task);
  void (*client)(const struct task *task, const char *endpoint);
};

extern const struct program push_pull, push_pull_curve, req_rep, dealer_router, router_dealers, pub_sub, storm, idle_connections,
    memory_through, memory_kept;

/* Reports what went wrong, and ends the process; the second with what libzmq says of it. */
void fail(const char *what);
void fail_zmq(const char *what);

/* A new socket with its default options. */
void *open_socket(const struct task *task, int type);
/* Binds to a free endpoint over the transport of the task, which the caller frees. */
char *bind_anywhere(const struct task *task, void *socket);
void connect_to(void *socket, const char *endpoint);
/* Tells where the server is bound; over inproc it starts the client in a thread of its own. */
void bound(const struct task *task, const char *endpoint);
/* Reports figures, `format` being the members of a JSON object, and waits for the end. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Waits for the parent to end the process. */
void stay(void) __attribute__((noreturn));

/* A message's bytes; the same every time. */
char *new_body(const struct task *task);
void send_body(void *socket, const char *body, size_t size);
/* Receives a message of one frame into an open `message`, and checks its size. */
void receive_body(void *socket, zmq_msg_t *message, size_t size);
/* Sends back all that comes to whom it comes from. */
void echo_forever(void *router) __attribute__((noreturn));

double now_ms(void);

/* Counts messages a second, after a warm-up from the first one on. */
struct rate_meter {
  double warmup, window, began, start, rate;
  uint64_t count, start_count;
};
struct rate_meter new_rate_meter(const struct task *task);
/* A message came; true when the window is over. */
bool rate_add(struct rate_meter *meter);

/* Bytes that are resident now, and that were at most. */
double resident_bytes(void);
double peak_bytes(void);

#endif
