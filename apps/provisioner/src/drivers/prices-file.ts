/** An installation's own list of prices per hour, by region and type: comes before those that are known here. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ProvisionError } from '../provision-error.js';

/** US dollars per hour by region, then type. */
export type Prices = Readonly<Record<string, Readonly<Record<string, number>>>>;

const pricesSchema = z.record(z.string(), z.record(z.string(), z.number().positive()));

/**
 * @param setting that names the file; @param example of one.
 * @throws ProvisionError naming the file and what is wrong in it; it keeps the service from starting.
 */
export function readPrices(setting: string, file: string | undefined, example: string): Prices {
  if (file === undefined) return {};
  try {
    return pricesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ProvisionError('config', `${setting} ${file}: ${why}`, `as in ${example}`);
  }
}
