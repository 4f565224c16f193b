/** A row of the benchmark report: one figure of one budget, beside what this machine can do at most in the same run. */

export interface Budget {
  /** e.g. `B5`; a budget with two figures has two rows, `B5a` and `B5b`. */
  id: string;
  name: string;
  unit: string;
  better: 'lower' | 'higher';
  /** What must hold. */
  floor: number;
  /** Where we want to be. */
  aim: number;
}

export interface Measured {
  value: number;
  /** The machine's own limit for the same work, in `unit`; absent: the budget has none. */
  limit?: number;
  /** How it was measured, where the name does not say it. */
  note?: string;
}

export interface Row extends Budget, Measured {
  meets: 'aim' | 'floor' | 'below floor';
}

export function judge(budget: Budget, measured: Measured): Row {
  const reaches = (mark: number): boolean =>
    budget.better === 'lower' ? measured.value <= mark : measured.value >= mark;
  return {
    ...budget,
    ...measured,
    meets: reaches(budget.aim) ? 'aim' : reaches(budget.floor) ? 'floor' : 'below floor',
  };
}

/** Rows that are measured together, because they need the same system. */
export interface Suite {
  budgets: readonly Budget[];
  /** Measures; `report` gets a row as soon as it is known, `say` tells what goes on. Of `wanted` rows at least. */
  run(
    report: (id: string, measured: Measured) => void,
    say: (text: string) => void,
    wanted: ReadonlySet<string>,
  ): Promise<void>;
}
