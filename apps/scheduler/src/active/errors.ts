/** Why a submission to the log was given up. Neither loses anything: what is still due is decided again. */

/** Another scheduler has started a newer epoch. */
export class SteppedDownError extends Error {
  override readonly name = 'SteppedDownError';
  constructor(epoch: number, newer: number) {
    super(`epoch ${newer} has started; this scheduler had ${epoch} and decides no more`);
  }
}

/** The log moved on between deciding and appending. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}
