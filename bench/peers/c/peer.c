/*
 * libzmq in the benchmarks: `libzmq-peer PROGRAM role=server|client|both name=value…`. Reports on stdout, one JSON object
 * per line, as bench/worker.ts does; ends when stdin does.
 */

#include "peer.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const struct program *const PROGRAMS[] = {
    &push_pull, &push_pull_curve, &req_rep,          &dealer_router,  &router_dealers, &pub_sub,
    &storm,     &idle_connections, &memory_through, &memory_kept,
};

static const struct program *chosen;

void fail(const char *what) {
  printf("{\"error\":\"%s\"}\n", what);
  fflush(stdout);
  _exit(1);
}

void fail_zmq(const char *what) {
  char text[256];
  snprintf(text, sizeof text, "%s: %s", what, zmq_strerror(zmq_errno()));
  fail(text);
}

void stay(void) {
  for (;;) pause();
}

void report(const char *format, ...) {
  va_list values;
  va_start(values, format);
  printf("{\"figures\":{");
  vprintf(format, values);
  printf("}}\n");
  fflush(stdout);
  va_end(values);
  stay();
}

void *open_socket(const struct task *task, int type) {
  void *socket = zmq_socket(task->context, type);
  if (socket == NULL) fail_zmq("zmq_socket");
  return socket;
}

char *bind_anywhere(const struct task *task, void *socket) {
  static int made = 0;
  char wanted[512];
  if (strcmp(task->transport, "tcp") == 0) {
    snprintf(wanted, sizeof wanted, "tcp://127.0.0.1:*");
  } else if (strcmp(task->transport, "ipc") == 0) {
    snprintf(wanted, sizeof wanted, "ipc://%s/%d", task->folder, made++);
  } else {
    snprintf(wanted, sizeof wanted, "inproc://bench-%d", made++);
  }
  if (zmq_bind(socket, wanted) != 0) fail_zmq("zmq_bind");
  char got[512];
  size_t length = sizeof got;
  if (zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, got, &length) != 0) fail_zmq("ZMQ_LAST_ENDPOINT");
  return strdup(got);
}

void connect_to(void *socket, const char *endpoint) {
  if (zmq_connect(socket, endpoint) != 0) fail_zmq("zmq_connect");
}

static void *run_client(void *argument) {
  const struct task *task = argument;
  chosen->client(task, task->endpoint);
  return NULL;
}

void bound(const struct task *task, const char *endpoint) {
  if (strcmp(task->role, "both") == 0) {
    static struct task client;
    client = *task;
    client.endpoint = endpoint;
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_client, &client) != 0) fail("pthread_create");
  } else {
    printf("{\"endpoint\":\"%s\"}\n", endpoint);
    fflush(stdout);
  }
}

char *new_body(const struct task *task) {
  char *body = malloc(task->size);
  if (body == NULL) fail("malloc");
  memset(body, 7, task->size);
  return body;
}

void send_body(void *socket, const char *body, size_t size) {
  if (zmq_send(socket, body, size, 0) < 0) fail_zmq("zmq_send");
}

void receive_body(void *socket, zmq_msg_t *message, size_t size) {
  if (zmq_msg_recv(message, socket, 0) < 0) fail_zmq("zmq_msg_recv");
  if (zmq_msg_size(message) != size) fail("got another size");
}

void echo_forever(void *router) {
  zmq_msg_t frame;
  zmq_msg_init(&frame);
  for (;;) {
    if (zmq_msg_recv(&frame, router, 0) < 0) fail_zmq("zmq_msg_recv");
    int flags = zmq_msg_more(&frame) ? ZMQ_SNDMORE : 0;
    if (zmq_msg_send(&frame, router, flags) < 0) fail_zmq("zmq_msg_send");
  }
}

double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

struct rate_meter new_rate_meter(const struct task *task) {
  return (struct rate_meter){.warmup = task->warmup, .window = task->window};
}

bool rate_add(struct rate_meter *meter) {
  if ((++meter->count & 127) != 0) return false;
  double now = now_ms();
  if (meter->began == 0) meter->began = now;
  if (meter->start == 0) {
    if (now - meter->began >= meter->warmup) {
      meter->start = now;
      meter->start_count = meter->count;
    }
    return false;
  }
  double elapsed = now - meter->start;
  if (elapsed < meter->window) return false;
  meter->rate = (meter->count - meter->start_count) * 1000.0 / elapsed;
  return true;
}

/* A line of /proc/self/status, which is in kB. */
static double status_bytes(const char *name) {
  FILE *file = fopen("/proc/self/status", "r");
  if (file == NULL) fail("there is no /proc/self/status");
  char line[256];
  double kilobytes = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, name, strlen(name)) == 0) kilobytes = atof(line + strlen(name));
  }
  fclose(file);
  return kilobytes * 1024;
}

double resident_bytes(void) { return status_bytes("VmRSS:"); }

double peak_bytes(void) { return status_bytes("VmHWM:"); }

/* The child's pipe to the program that started it: the child ends when that does. */
static void *watch_parent(void *nothing) {
  char buffer[64];
  while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) continue;
  _exit(0);
  return nothing;
}

static const char *value_of(int argc, char **argv, const char *name) {
  size_t length = strlen(name);
  for (int i = 2; i < argc; i++) {
    if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') return argv[i] + length + 1;
  }
  return "";
}

int main(int argc, char **argv) {
  if (argc < 2) fail("no program");
  if (strcmp(argv[1], "version") == 0) {
    int major, minor, patch;
    zmq_version(&major, &minor, &patch);
    printf("%d.%d.%d\n", major, minor, patch);
    return 0;
  }
  if (strcmp(argv[1], "has") == 0) return argc > 2 && zmq_has(argv[2]) ? 0 : 1;
  for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++) {
    if (strcmp(PROGRAMS[i]->name, argv[1]) == 0) chosen = PROGRAMS[i];
  }
  if (chosen == NULL) fail("no such program");

  /* JavaScript runtimes do this by themselves. */
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  struct task task = {
      .context = zmq_ctx_new(),
      .role = value_of(argc, argv, "role"),
      .transport = value_of(argc, argv, "transport"),
      .folder = value_of(argc, argv, "folder"),
      .endpoint = value_of(argc, argv, "endpoint"),
      .size = (size_t)atoll(value_of(argc, argv, "size")),
      .count = atoi(value_of(argc, argv, "count")),
      .topics = atoi(value_of(argc, argv, "topics")),
      .stopped = atoi(value_of(argc, argv, "stopped")),
      .warmup = atof(value_of(argc, argv, "warmup")),
      .window = atof(value_of(argc, argv, "window")),
      .scale = atof(value_of(argc, argv, "scale")),
  };
  pthread_t watcher;
  if (pthread_create(&watcher, NULL, watch_parent, NULL) != 0) fail("pthread_create");
  if (strcmp(task.role, "client") == 0) {
    chosen->client(&task, task.endpoint);
  } else {
    chosen->server(&task);
  }
  stay();
}
