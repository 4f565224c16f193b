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

/** What ends the offers of a plan. */
const PLANNED = '# skyflow: planned: ';
const CHOSEN = 'chosen';
const GIVEN_UP = 'was chosen before, and given up';

export function offersOf(lines: readonly string[]): Offer[] {
  // Each plan looks anew: the last word on an offer counts, and what was chosen before is so no more.
  const offers = new Map<string, Offer>();
  let over = false;
  for (const line of lines) {
    if (line.startsWith(PLANNED)) over = true;
    const [, what, price, verdict = ''] = OFFER.exec(line) ?? [];
    if (what === undefined || price === undefined) continue;
    if (over) {
      for (const [key, offer] of offers) if (offer.verdict === CHOSEN) offers.set(key, { ...offer, verdict: GIVEN_UP });
      over = false;
    }
    offers.set(what, { what, price, verdict });
  }
  return [...offers.values()];
}
