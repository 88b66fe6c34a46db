/*
 * Two threads of one process over libzmq's inproc, for bench/threads/main.ts.
 *
 *   libzmq push SIZE COUNT    prints messages per second, PUSH to PULL
 *   libzmq pub SIZE COUNT     the same, PUB to SUB, without drops (XPUB_NODROP)
 *   libzmq trip SIZE COUNT    prints the median round trip of REQ and REP, in us
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static void *context;
static int size, count;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void *push(void *type) {
  void *socket = zmq_socket(context, type == NULL ? ZMQ_PUSH : ZMQ_XPUB);
  int yes = 1;
  if (type != NULL) zmq_setsockopt(socket, ZMQ_XPUB_NODROP, &yes, sizeof yes);
  zmq_connect(socket, "inproc://bench");
  char *body = calloc(1, size), subscription[1];
  if (type != NULL) zmq_recv(socket, subscription, 1, 0);
  for (int i = 0; i < count; i++) zmq_send(socket, body, size, 0);
  zmq_close(socket);
  free(body);
  return NULL;
}

static void *echo(void *unused) {
  (void)unused;
  void *socket = zmq_socket(context, ZMQ_REP);
  zmq_connect(socket, "inproc://bench");
  zmq_msg_t message;
  zmq_msg_init(&message);
  for (int i = 0; i < count; i++) {
    zmq_msg_recv(&message, socket, 0);
    zmq_msg_send(&message, socket, 0);
  }
  zmq_close(socket);
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  size = atoi(argv[2]);
  count = atoi(argv[3]);
  context = zmq_ctx_new();
  pthread_t thread;
  if (strcmp(argv[1], "trip") == 0) {
    void *socket = zmq_socket(context, ZMQ_REQ);
    zmq_bind(socket, "inproc://bench");
    pthread_create(&thread, NULL, echo, NULL);
    char *body = calloc(1, size);
    double *times = malloc(count * sizeof *times);
    for (int i = 0; i < count; i++) {
      double start = now();
      zmq_send(socket, body, size, 0);
      zmq_recv(socket, body, size, 0);
      times[i] = now() - start;
    }
    qsort(times + count / 4, count - count / 4, sizeof *times, ascending);
    printf("%.1f\n", times[count / 4 + (count - count / 4) / 2]);
    pthread_join(thread, NULL);
    zmq_close(socket);
  } else {
    int publishes = strcmp(argv[1], "pub") == 0;
    void *socket = zmq_socket(context, publishes ? ZMQ_SUB : ZMQ_PULL);
    if (publishes) zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
    zmq_bind(socket, "inproc://bench");
    pthread_create(&thread, NULL, push, publishes ? socket : NULL);
    zmq_msg_t message;
    zmq_msg_init(&message);
    zmq_msg_recv(&message, socket, 0);
    double start = now();
    for (int i = 1; i < count; i++) zmq_msg_recv(&message, socket, 0);
    printf("%.0f\n", (count - 1) / (now() - start) * 1e6);
    pthread_join(thread, NULL);
    zmq_close(socket);
  }
  zmq_ctx_term(context);
  return 0;
}
