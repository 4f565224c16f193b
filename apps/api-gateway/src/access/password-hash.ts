/**
 * Passwords at rest: scrypt (RFC 7914) with 32 MiB and a random salt. The parameters are in the text, so that they can be raised without
 * making old passwords useless. At most a few are worked out at a time: each takes its memory and its share of a processor.
 */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

const LOG2_N = 15;
const R = 8;
const P = 1;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const AT_A_TIME = 2;
/** Waiting longer than so many others would take is refused by the caller. */
const MOST_WAITING = 32;

const running = { count: 0, waiting: [] as (() => void)[] };

/** Too many passwords are being checked. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>` @throws BusyError */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, LOG2_N, R, P, KEY_BYTES);
  return ['scrypt', LOG2_N, R, P, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * Takes as long whether the password is right, wrong, or there is no hash to compare it with.
 * @throws BusyError
 */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parts = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(stored ?? '');
  if (parts === null) {
    await derive(password, Buffer.alloc(SALT_BYTES), LOG2_N, R, P, KEY_BYTES);
    return false;
  }
  const [, log2n, r, p, salt = '', hash = ''] = parts;
  const expected = Buffer.from(hash, 'base64url');
  const key = await derive(
    password,
    Buffer.from(salt, 'base64url'),
    Number(log2n),
    Number(r),
    Number(p),
    expected.length,
  );
  return timingSafeEqual(key, expected);
}

async function derive(
  password: string,
  salt: Buffer,
  log2n: number,
  r: number,
  p: number,
  bytes: number,
): Promise<Buffer> {
  await turn();
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const options = { N: 2 ** log2n, r, p, maxmem: 256 * 2 ** log2n * r };
      // One person types the same password on two keyboards: one form of each letter.
      scrypt(password.normalize('NFKC'), salt, bytes, options, (error, key) => {
        if (error) reject(error);
        else resolve(key);
      });
    });
  } finally {
    running.count -= 1;
    running.waiting.shift()?.();
  }
}

async function turn(): Promise<void> {
  if (running.count >= AT_A_TIME) {
    if (running.waiting.length >= MOST_WAITING) throw new BusyError('too many passwords are being checked; try again');
    await new Promise<void>((resolve) => running.waiting.push(resolve));
  }
  running.count += 1;
}
