/**
 * The words of this project: phrases to avoid with their replacements, and openings that make a sentence hard to read.
 * `scripts/check_prose.ts` checks documents, comments and error messages for them.
 *
 * @module
 */

/** A phrase to avoid. */
export interface Term {
  /** As a pattern of whole words, without regard to case. */
  readonly avoid: RegExp;
  readonly say: string;
}

const words = (pattern: string): RegExp => new RegExp(`(?<![\\w-])(?:${pattern})(?![\\w-])`, "gi");

/** Phrases that are odd, unclear, or have a term of the field. */
export const TERMS: readonly Term[] = [
  { avoid: words("but for"), say: "except" },
  { avoid: words("talks? to every"), say: "interoperates with" },
  {
    avoid: words("(?:lets?|letting) (?:this|that|an?|the|every|any|no) \\w+ in(?! \\w)"),
    say: "accept, reject, authorize",
  },
  { avoid: words("by way of"), say: "by, through" },
  { avoid: words("in vain"), say: "without success" },
  { avoid: words("all the same"), say: "anyway, nevertheless, or nothing" },
  { avoid: words("of its own accord"), say: "by itself" },
  { avoid: words("is not heard|are not heard|is heard"), say: "receives nothing, is ignored" },
  {
    avoid: words(
      "(?:is|are|be|was|were|not|lets?|letting) (?:\\w+ )?(?:let|us|them|it|him|everybody|everyone|somebody) in(?! \\w)",
    ),
    say: "accept, reject, authorize",
  },
  { avoid: words("let in|lets in|letting in|admitted"), say: "accepted, authorized" },
  { avoid: words("sealed|sealing|seals"), say: "encrypted, encrypting" },
  { avoid: words("made[- ]up|makes up (?:an?|ids?)"), say: "generated" },
  { avoid: words("under way"), say: "in flight, in progress" },
  { avoid: words("in turns?|deals? out|dealt out|by turns"), say: "round-robin, fair-queued, alternately" },
  { avoid: words("tells?|told"), say: "reports, returns, shows, says" },
  {
    avoid: words("anybody|somebody|somebody's|someone|everybody|whoever|whomever|nobody"),
    say: "a peer, a client, anyone, no peer",
  },
  { avoid: words("whom"), say: "which peer; rewrite" },
  {
    avoid: words("(?:for|of|to|from|by) (?<!(?:find out|know|say|see|show|decide) )who"),
    say: "name the role: for transport authors",
  },
  { avoid: words("dial|dials|dialled|dialed|dialing|dialling"), say: "connect, reconnect" },
  {
    avoid: words("(?:each|every|first|next|last|second|a|this|of|the|more|further) tr(?:y|ies)(?! to)"),
    say: "attempt, retry",
  },
  { avoid: words("is not there|are not there|is there no"), say: "does not exist, is not connected, is offline" },
  { avoid: words("who is not there"), say: "offline" },
  { avoid: words("is not read any more|any more"), say: "no longer; reading stops" },
  { avoid: words("eaves? dropper"), say: "eavesdropper" },
  { avoid: words("reads? along|on the way|on its way|goes by"), say: "eavesdropper, active attacker, in transit" },
  {
    avoid: words("what is held|(?<!high-water |water |byte order )marks?(?! of)"),
    say: "high-water mark, queue depth",
  },
  { avoid: words("the other end|the other side"), say: "the peer" },
  { avoid: words("comes? and goes?|come or go|comes or goes"), say: "connects and disconnects" },
  { avoid: words("(?:is|are|was|were|been|be) gone"), say: "disconnected, closed, lost, removed" },
  { avoid: words("(?:is|are|was|were|be) given up"), say: "the socket stops reconnecting; is dropped" },
  { avoid: words("thrown away"), say: "dropped" },
  { avoid: words("pass(?:ed|es) over"), say: "skipped, ignored" },
  { avoid: words("takes? back|taken back"), say: "undoes, cancels, removes" },
  { avoid: words("holds? up|holding up|held up"), say: "blocks, delays" },
  { avoid: words("nothing but"), say: "only" },
  { avoid: words("(?:is|are|was|were) there(?=[,.;:]|$)"), say: "exists, is available, is connected" },
  {
    avoid: words("(?:in its|in their|takes?|took|takes its) turns?"),
    say: "round-robin, fair-queued, one after another",
  },
  { avoid: words("may join|to join"), say: "can connect" },
  {
    avoid: words(
      "(?:messages?|bytes|requests?|times?|round trips?|packets?) a (?:second|minute|turn|message|frame|connection|socket|peer|topic)",
    ),
    say: "per second, per turn, …",
  },
  {
    avoid: words(
      "(?:once|one|two|each|files?|a promise|a page|a type) a (?:turn|message|frame|connection|peer|type|page|socket|step|benchmark|pattern|topic)",
    ),
    say: "per",
  },
  { avoid: words("the Guide"), say: "ZGuide" },
  { avoid: words("has no end|without end"), say: "has no limit, forever, unlimited" },
  { avoid: words("so that for|wherefore|hence|thereof|therein|thereby|whereby"), say: "plain words" },
  { avoid: words("words for people|in words"), say: "with a message" },
  { avoid: words("lets? go of"), say: "releases" },
  { avoid: words("gives? up on(?:ce)?"), say: "stops" },
  { avoid: words("sees? to it|seen to"), say: "makes sure" },
  { avoid: words("slips? of the pen"), say: "typo" },
  { avoid: words("for ever"), say: "forever" },
  { avoid: words("takes? (?:\\w+ ){0,4}apart|taken apart"), say: "parses, parsed" },
  { avoid: words("hand(?:s|ed)? in"), say: "passes in, passed in" },
  { avoid: words("as (?:it|they) (?:came|comes?)"), say: "unchanged, as received" },
  { avoid: words("(?:stands?|the part|what is) behind"), say: "follows, after" },
  { avoid: words("so (?:many|much) (?:bytes|frames|messages|ms)(?! (?:that|as))"), say: "the number of" },
  { avoid: words("(?<!\\bthere )(?:is|are|was|were) none(?! (?:of|the))|can be none"), say: "if it is not one" },
  { avoid: words("(?:goes|go|going|went) on (?:to|with|until|reading|sending|waiting|trying)"), say: "continues" },
  {
    avoid: words(
      "(?:listener|promise|line|row|column|socket|process|entry|file|figure|bytes|character|value) a (?:signal|chunk|call|line|step|unit|byte|benchmark|party|receiver|value|variant)",
    ),
    say: "per",
  },
  { avoid: words("as ever"), say: "as before" },
  { avoid: words("unheard"), say: "ignored" },
  { avoid: words("so (?:it does|do they|it is|they are)(?= (?:on|if|for|when))"), say: "name the subject" },
  { avoid: words("that (?:came|comes?) in"), say: "incoming, accepted" },
  { avoid: words("hand-made"), say: "scripted" },
  { avoid: words("(?:is|are|was|were|be|been) made again"), say: "reconnects, is reestablished" },
  { avoid: words("again and again|over and over"), say: "repeatedly" },
  { avoid: words("hears? of|heard of"), say: "receives, is notified" },
  { avoid: words("and nothing else may"), say: "only" },
  {
    avoid: words(
      "(?<!\\bthere (?:\\w+ )?)(?:is|are|was|were|be|been) no (?!longer|more|less|fewer|better|worse)[a-z]+",
    ),
    say: "is not a, does not count as, has no",
  },
  {
    avoid: words("utili[sz]e|leverage|seamless(?:ly)?|blazing(?:ly)?|simply|obviously|of course|please note"),
    say: "use; or leave it out",
  },
];

/** Words with which a statement does not begin. A question and a heading may. */
export const OPENERS: readonly string[] = [
  ...["Who", "Whoever", "Whom", "Whose", "What", "Whatever", "Of", "How", "So many", "Whether", "That which"],
];

/** Fixed phrases that begin with one of {@link OPENERS} and are good English. */
export const FINE_OPENINGS: readonly RegExp[] = [/^How to\b/, /^What to\b/, /^Of these\b/, /^What follows\b/];
