/** What clouds offered for the machines of a cluster, as the build log tells it, best first. */

export interface Offer {
  /** Provider, place, type and size. */
  what: string;
  /** Of one machine, an hour. */
  price: string;
  /** What became of it; empty: it was not needed. */
  verdict: string;
}

/** As `buildLogLines` of the domain writes them. */
const OFFER = /^# skyflow: offer: (.+), (\d[\d.]* \$\/h)(?:: (.+))?$/;

export function offersOf(lines: readonly string[]): Offer[] {
  // Each plan looks anew: the last word on an offer counts.
  const offers = new Map<string, Offer>();
  for (const line of lines) {
    const [, what, price, verdict = ''] = OFFER.exec(line) ?? [];
    if (what !== undefined && price !== undefined) offers.set(what, { what, price, verdict });
  }
  return [...offers.values()];
}
