/**
 * PUB and XPUB: `noDrop` and `invertMatching`.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { PublishPattern } from "../../src/routing/publish.ts";
import { XPublishPattern, type XPublishSettings } from "../../src/routing/xpublish.ts";
import { FakePipe, message } from "../support/fake_pipe.ts";
import { test } from "../support/harness.ts";

type Options = { -readonly [Name in keyof XPublishSettings]: XPublishSettings[Name] };

const BOTH = [["PUB", PublishPattern], ["XPUB", XPublishPattern]] as const;

/** A publisher with its options, which may change, and a peer for each of these topics. */
function publisher(
  Pattern: typeof PublishPattern | typeof XPublishPattern,
  chosen: Partial<XPublishSettings>,
  topics: string[],
) {
  const options: Options = {
    noDrop: false,
    invertMatching: false,
    verbosity: null,
    manual: false,
    manualLastValue: false,
    welcomeMessage: null,
    ...chosen,
  };
  const pattern = new Pattern(options);
  const pipes = topics.map((topic) => {
    const pipe = FakePipe.attached(pattern, topic);
    pipe.subscribed(false, topic);
    return pipe;
  });
  const publish = (text: string) => pattern.trySend(message(text));
  return { options, pattern, pipes, publish, counts: () => pipes.map(({ sent }) => sent.length) };
}

for (const [type, Pattern] of BOTH) {
  test(`${type} noDrop: a message waits while any of its subscribers is full, and is sent to none before`, () => {
    const { pattern, pipes, publish, counts } = publisher(Pattern, { noDrop: true }, ["", "a", "b"]);
    pipes[1]!.room = 0;
    assertEquals([publish("a"), publish("a"), counts()], [false, false, [0, 0, 0]]);
    assertEquals([publish("b"), counts()], [true, [1, 0, 1]]);
    pipes[1]!.makeRoom(1);
    assertEquals([publish("a"), publish("a"), counts()], [true, false, [2, 1, 1]]);
    pattern.detach(pipes[1]!);
    assertEquals([publish("a"), counts()], [true, [3, 1, 1]]);
    assertEquals(pipes.map(({ dropped }) => dropped), [0, 0, 0]);
  });

  test(`${type} noDrop: a message without subscribers is dropped`, () => {
    const { pipes, publish } = publisher(Pattern, { noDrop: true }, ["a"]);
    pipes[0]!.room = 0;
    assertEquals(publish("b"), true);
    assertEquals(publisher(Pattern, { noDrop: true }, []).publish("b"), true);
  });

  test(`${type} noDrop applies from the next message on`, () => {
    const { options, pipes, publish, counts } = publisher(Pattern, {}, ["", ""]);
    pipes[0]!.room = 0;
    assertEquals([publish("1"), counts(), pipes[0]!.dropped], [true, [0, 1], 1]);
    options.noDrop = true;
    assertEquals([publish("2"), counts(), pipes[0]!.dropped], [false, [0, 1], 1]);
    options.noDrop = false;
    assertEquals([publish("2"), counts(), pipes[0]!.dropped], [true, [0, 2], 2]);
  });

  test(`${type} invertMatching: a message goes to all peers that did not subscribe to it, also without any subscription`, () => {
    const { pattern, pipes, publish, counts } = publisher(Pattern, { invertMatching: true }, ["a", "ab", "b", ""]);
    const silent = FakePipe.attached(pattern);
    publish("ab");
    assertEquals([counts(), silent.sent.length], [[0, 0, 1, 0], 1]);
    publish("c");
    assertEquals([counts(), silent.sent.length], [[1, 1, 2, 0], 2]);
    pipes[0]!.subscribed(true, "a");
    pattern.detach(silent);
    publish("a");
    assertEquals([counts(), silent.sent.length], [[2, 2, 3, 0], 2]);
  });

  test(`${type} invertMatching can be combined with noDrop, and applies from the next message on`, () => {
    const chosen = { invertMatching: true, noDrop: true };
    const { options, pipes, publish, counts } = publisher(Pattern, chosen, ["a", "b"]);
    pipes[1]!.room = 0;
    assertEquals([publish("a"), publish("b"), counts()], [false, true, [1, 0]]);
    options.invertMatching = false;
    assertEquals([publish("a"), publish("b"), counts()], [true, false, [2, 0]]);
  });

  test(`${type} counts the topics with a subscriber, each once`, () => {
    const { pattern, pipes } = publisher(Pattern, {}, ["a", "a", "b", ""]);
    assertEquals(pattern.subscribers.topicCount, 3);
    pipes[0]!.subscribed(true, "a");
    assertEquals(pattern.subscribers.topicCount, 3);
    pattern.detach(pipes[1]!);
    pipes[2]!.subscribed(false, "c");
    assertEquals(pattern.subscribers.topicCount, 3);
    for (const pipe of pipes) pattern.detach(pipe);
    assertEquals(pattern.subscribers.topicCount, 0);
  });
}
