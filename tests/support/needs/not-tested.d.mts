export interface NotTested {
  level: string;
  file: string;
  need: string;
  why: string;
  count: number;
}
interface TestResults {
  testFilePath: string;
  testResults: { status: string; ancestorTitles: string[]; title: string }[];
}
export function markOf(need: string, why: string): string;
export function skippedOf(
  testResults: TestResults[],
  given: { level: string; fileOf: (path: string) => string; isFiltered: boolean },
): NotTested[];
export function isStrict(environment: NodeJS.ProcessEnv): boolean;
export function readAllowed(): Record<string, string>;
export function judge(
  entries: NotTested[],
  given: { strict: boolean; allowed: Record<string, string> },
): { lines: string[]; refused: string[] };
export function record(ledger: string, run: { level: string; files: string[]; entries: NotTested[] }): void;
export function readLedger(ledger: string): NotTested[];
