/**
 * What a person may say on the command line when asking for a workload or a cluster, before any of it is believed.
 * Values are the text as typed; the builders beside this file turn them into objects or into problems.
 */

import type { PlacementFlags } from './placement-flags.js';

/** `--labels app nginx` or `--labels app=nginx`, split. */
export interface KeyValue {
  key: string;
  value: string;
}

/** Flags of `skyctl create job` and `create deployment`. */
export interface WorkloadFlags extends PlacementFlags {
  name: string;
  namespace: string;
  /** Container image. Default `ubuntu:latest`. */
  image?: string;
  /** One line for a shell. */
  run?: string;
  /** A command with its arguments, as given after `--`; excludes `run`. */
  command?: readonly string[];
  /** Pods over all clusters. Default 1. */
  replicas?: string;
  /** Processors per replica. Default 1; 0 asks for none in particular. */
  cpus?: string;
  /** Any GPUs, per replica. */
  gpus?: string;
  /** Per replica: a bare number counts MiB (the seed's unit), anything else is a quantity. */
  memory?: string;
  /** `TYPE:COUNT` or `TYPE`, per replica; excludes `gpus`. */
  accelerators?: string;
  envs?: readonly KeyValue[];
  labels?: readonly KeyValue[];
  /** `PORT`, `PORT/PROTOCOL`, or several with commas. */
  ports?: readonly string[];
  restartPolicy?: string;
  /** What is mounted where: source and absolute directory. */
  volumes?: readonly KeyValue[];
  /** The queue that it waits in. */
  queue?: string;
  /** Name of a priority class. */
  priorityClass?: string;
  /** A PlacementPolicy of the namespace. */
  policy?: string;
  /** Local disk per replica: as memory. */
  disk?: string;
  /** Any other resource per replica: `NAME=AMOUNT`. */
  resources?: readonly KeyValue[];
}

/** A flag whose value no object can be made of. */
export interface FlagProblem {
  /** As typed, e.g. `--memory`. */
  flag: string;
  value: string;
  /** The rule it breaks and what a right value looks like. */
  rule: string;
}

/** The object, or everything that is wrong with the flags. */
export type FromFlags<T> = { ok: true; object: T } | { ok: false; problems: readonly FlagProblem[] };

/** Collects problems while an object is built. */
export class FlagProblems {
  readonly list: FlagProblem[] = [];

  add(flag: string, value: string, rule: string): void {
    this.list.push({ flag, value, rule });
  }

  /** A map of pairs; the same key twice with different values is a problem, since one of them would be lost. */
  mapOf(flag: string, pairs: readonly KeyValue[]): Record<string, string> {
    const map = new Map<string, string>();
    for (const { key, value } of pairs) {
      const before = map.get(key);
      if (key === '') this.add(flag, `=${value}`, 'needs a key before its value');
      else if (before !== undefined && before !== value) {
        this.add(flag, `${key}=${value}`, `"${key}" was given before with the value "${before}"; give it once`);
      } else map.set(key, value);
    }
    return Object.fromEntries(map);
  }

  /** A whole number in a range. */
  wholeNumber(flag: string, text: string, least = 0, most = 2_147_483_647): number | undefined {
    const number = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.add(flag, text, `must be a whole number${most === 2_147_483_647 ? '' : ` from ${least} to ${most}`}`);
    return undefined;
  }

  resultOf<T>(build: () => T): FromFlags<T> {
    const object = build();
    return this.list.length === 0 ? { ok: true, object } : { ok: false, problems: this.list };
  }
}

/** `a,b` and repeated flags are the same list. */
export const splitCommas = (values: readonly string[] | undefined): string[] =>
  (values ?? []).flatMap((value) => value.split(',').map((part) => part.trim())).filter((part) => part !== '');
