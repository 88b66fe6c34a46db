/**
 * The constants of zeromq.js 5.
 *
 * @module
 */

// Capabilities: 1 for yes.
/** `ZMQ_CAN_MONITOR` of zmq.h. */
export const ZMQ_CAN_MONITOR = 1;
/** `ZMQ_CAN_DISCONNECT` of zmq.h. */
export const ZMQ_CAN_DISCONNECT = 1;
/** `ZMQ_CAN_UNBIND` of zmq.h. */
export const ZMQ_CAN_UNBIND = 1;
/** `ZMQ_CAN_SET_CTX` of zmq.h. */
export const ZMQ_CAN_SET_CTX = 1;

// Options by their numbers in zmq.h.
/** `ZMQ_AFFINITY` of zmq.h. */
export const ZMQ_AFFINITY = 4;
/** `ZMQ_IDENTITY` of zmq.h. */
export const ZMQ_IDENTITY = 5;
/** `ZMQ_SUBSCRIBE` of zmq.h. */
export const ZMQ_SUBSCRIBE = 6;
/** `ZMQ_UNSUBSCRIBE` of zmq.h. */
export const ZMQ_UNSUBSCRIBE = 7;
/** `ZMQ_RATE` of zmq.h. */
export const ZMQ_RATE = 8;
/** `ZMQ_RECOVERY_IVL` of zmq.h. */
export const ZMQ_RECOVERY_IVL = 9;
/** `ZMQ_RECOVERY_IVL_MSEC` of zmq.h. */
export const ZMQ_RECOVERY_IVL_MSEC = 9;
/** `ZMQ_SNDBUF` of zmq.h. */
export const ZMQ_SNDBUF = 11;
/** `ZMQ_RCVBUF` of zmq.h. */
export const ZMQ_RCVBUF = 12;
/** `ZMQ_RCVMORE` of zmq.h. */
export const ZMQ_RCVMORE = 13;
/** `ZMQ_FD` of zmq.h. */
export const ZMQ_FD = 14;
/** `ZMQ_EVENTS` of zmq.h. */
export const ZMQ_EVENTS = 15;
/** `ZMQ_TYPE` of zmq.h. */
export const ZMQ_TYPE = 16;
/** `ZMQ_LINGER` of zmq.h. */
export const ZMQ_LINGER = 17;
/** `ZMQ_RECONNECT_IVL` of zmq.h. */
export const ZMQ_RECONNECT_IVL = 18;
/** `ZMQ_BACKLOG` of zmq.h. */
export const ZMQ_BACKLOG = 19;
/** `ZMQ_RECONNECT_IVL_MAX` of zmq.h. */
export const ZMQ_RECONNECT_IVL_MAX = 21;
/** `ZMQ_MAXMSGSIZE` of zmq.h. */
export const ZMQ_MAXMSGSIZE = 22;
/** `ZMQ_SNDHWM` of zmq.h. */
export const ZMQ_SNDHWM = 23;
/** `ZMQ_RCVHWM` of zmq.h. */
export const ZMQ_RCVHWM = 24;
/** `ZMQ_MULTICAST_HOPS` of zmq.h. */
export const ZMQ_MULTICAST_HOPS = 25;
/** `ZMQ_RCVTIMEO` of zmq.h. */
export const ZMQ_RCVTIMEO = 27;
/** `ZMQ_SNDTIMEO` of zmq.h. */
export const ZMQ_SNDTIMEO = 28;
/** `ZMQ_IPV4ONLY` of zmq.h. */
export const ZMQ_IPV4ONLY = 31;
/** `ZMQ_LAST_ENDPOINT` of zmq.h. */
export const ZMQ_LAST_ENDPOINT = 32;
/** `ZMQ_ROUTER_MANDATORY` of zmq.h. */
export const ZMQ_ROUTER_MANDATORY = 33;
/** `ZMQ_TCP_KEEPALIVE` of zmq.h. */
export const ZMQ_TCP_KEEPALIVE = 34;
/** `ZMQ_TCP_KEEPALIVE_CNT` of zmq.h. */
export const ZMQ_TCP_KEEPALIVE_CNT = 35;
/** `ZMQ_TCP_KEEPALIVE_IDLE` of zmq.h. */
export const ZMQ_TCP_KEEPALIVE_IDLE = 36;
/** `ZMQ_TCP_KEEPALIVE_INTVL` of zmq.h. */
export const ZMQ_TCP_KEEPALIVE_INTVL = 37;
/** `ZMQ_TCP_ACCEPT_FILTER` of zmq.h. */
export const ZMQ_TCP_ACCEPT_FILTER = 38;
/** `ZMQ_DELAY_ATTACH_ON_CONNECT` of zmq.h. */
export const ZMQ_DELAY_ATTACH_ON_CONNECT = 39;
/** `ZMQ_XPUB_VERBOSE` of zmq.h. */
export const ZMQ_XPUB_VERBOSE = 40;
/** `ZMQ_ROUTER_RAW` of zmq.h. */
export const ZMQ_ROUTER_RAW = 41;
/** `ZMQ_IPV6` of zmq.h. */
export const ZMQ_IPV6 = 42;
/** `ZMQ_MECHANISM` of zmq.h. */
export const ZMQ_MECHANISM = 43;
/** `ZMQ_PLAIN_SERVER` of zmq.h. */
export const ZMQ_PLAIN_SERVER = 44;
/** `ZMQ_PLAIN_USERNAME` of zmq.h. */
export const ZMQ_PLAIN_USERNAME = 45;
/** `ZMQ_PLAIN_PASSWORD` of zmq.h. */
export const ZMQ_PLAIN_PASSWORD = 46;
/** `ZMQ_CURVE_SERVER` of zmq.h. */
export const ZMQ_CURVE_SERVER = 47;
/** `ZMQ_CURVE_PUBLICKEY` of zmq.h. */
export const ZMQ_CURVE_PUBLICKEY = 48;
/** `ZMQ_CURVE_SECRETKEY` of zmq.h. */
export const ZMQ_CURVE_SECRETKEY = 49;
/** `ZMQ_CURVE_SERVERKEY` of zmq.h. */
export const ZMQ_CURVE_SERVERKEY = 50;
/** `ZMQ_ZAP_DOMAIN` of zmq.h. */
export const ZMQ_ZAP_DOMAIN = 55;
/** `ZMQ_ROUTER_HANDOVER` of zmq.h. */
export const ZMQ_ROUTER_HANDOVER = 56;
/** `ZMQ_HEARTBEAT_IVL` of zmq.h. */
export const ZMQ_HEARTBEAT_IVL = 75;
/** `ZMQ_HEARTBEAT_TTL` of zmq.h. */
export const ZMQ_HEARTBEAT_TTL = 76;
/** `ZMQ_HEARTBEAT_TIMEOUT` of zmq.h. */
export const ZMQ_HEARTBEAT_TIMEOUT = 77;
/** `ZMQ_CONNECT_TIMEOUT` of zmq.h. */
export const ZMQ_CONNECT_TIMEOUT = 79;

// Options of contexts.
/** `ZMQ_IO_THREADS` of zmq.h. */
export const ZMQ_IO_THREADS = 1;
/** `ZMQ_MAX_SOCKETS` of zmq.h. */
export const ZMQ_MAX_SOCKETS = 2;

// Events to poll for, and the flag of a frame that more frames follow.
/** `ZMQ_POLLIN` of zmq.h. */
export const ZMQ_POLLIN = 1;
/** `ZMQ_POLLOUT` of zmq.h. */
export const ZMQ_POLLOUT = 2;
/** `ZMQ_POLLERR` of zmq.h. */
export const ZMQ_POLLERR = 4;
/** `ZMQ_SNDMORE` of zmq.h. */
export const ZMQ_SNDMORE = 2;

// Socket types by their numbers in zmq.h.
/** `ZMQ_PAIR` of zmq.h. */
export const ZMQ_PAIR = 0;
/** `ZMQ_PUB` of zmq.h. */
export const ZMQ_PUB = 1;
/** `ZMQ_SUB` of zmq.h. */
export const ZMQ_SUB = 2;
/** `ZMQ_REQ` of zmq.h. */
export const ZMQ_REQ = 3;
/** `ZMQ_REP` of zmq.h. */
export const ZMQ_REP = 4;
/** `ZMQ_DEALER` of zmq.h. */
export const ZMQ_DEALER = 5;
/** `ZMQ_XREQ` of zmq.h. */
export const ZMQ_XREQ = 5;
/** `ZMQ_ROUTER` of zmq.h. */
export const ZMQ_ROUTER = 6;
/** `ZMQ_XREP` of zmq.h. */
export const ZMQ_XREP = 6;
/** `ZMQ_PULL` of zmq.h. */
export const ZMQ_PULL = 7;
/** `ZMQ_PUSH` of zmq.h. */
export const ZMQ_PUSH = 8;
/** `ZMQ_XPUB` of zmq.h. */
export const ZMQ_XPUB = 9;
/** `ZMQ_XSUB` of zmq.h. */
export const ZMQ_XSUB = 10;
/** `ZMQ_STREAM` of zmq.h. */
export const ZMQ_STREAM = 11;

// States of sockets.
/** A socket that is open. */
export const STATE_READY = 0;
/** A socket that binds or unbinds. */
export const STATE_BUSY = 1;
/** A socket that is closed. */
export const STATE_CLOSED = 2;
