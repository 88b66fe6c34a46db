/*
 * The shared part of the C programs of the benchmarks: arguments, reports, and meters that measure as those in
 * bench/meter.ts do.
 */

#ifndef PEER_H
#define PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zmq.h>

/* The arguments of a program; see bench/part.ts. Times are in ms. */
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

/* Report an error, and end the process; the second with the message of libzmq. */
void fail(const char *what);
void fail_zmq(const char *what);

/* A new socket with its default options. */
void *open_socket(const struct task *task, int type);
/* Binds to a free endpoint over the transport of the task, which the caller frees. */
char *bind_anywhere(const struct task *task, void *socket);
void connect_to(void *socket, const char *endpoint);
/* Reports the server's endpoint; over inproc it starts the client in a thread of its own. */
void bound(const struct task *task, const char *endpoint);
/* Reports figures (`format` has the members of a JSON object), and waits for the end. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/* Waits for the parent to end the process. */
void stay(void) __attribute__((noreturn));

/* The bytes of a message, always the same. */
char *new_body(const struct task *task);
void send_body(void *socket, const char *body, size_t size);
/* Receives a message of one frame into an open `message`, and checks its size. */
void receive_body(void *socket, zmq_msg_t *message, size_t size);
/* Sends every message back to its sender. */
void echo_forever(void *router) __attribute__((noreturn));

double now_ms(void);

/* Counts messages per second, after a warm-up that starts with the first one. */
struct rate_meter {
  double warmup, window, began, start, rate;
  uint64_t count, start_count;
};
struct rate_meter new_rate_meter(const struct task *task);
/* Counts a message; returns true when the window is over. */
bool rate_add(struct rate_meter *meter);

/* Resident bytes, now and at the peak. */
double resident_bytes(void);
double peak_bytes(void);

#endif
