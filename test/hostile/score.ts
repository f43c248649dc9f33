import { displayUsd } from '../../src/money/micro-usd.js';

export interface Score {
  class: string;
  name: string;
  isGood: boolean;
  lostMicroUsd: bigint;
}

/** One line a class: how many of its scenarios came out as they have to, and what the wallet lost over them. */
export function scoreTable(scores: readonly Score[]): string {
  const classes = [...new Set(scores.map((score) => score.class))];
  const rows = classes.map((name) =>
    row(
      name,
      scores.filter((score) => score.class === name),
    ),
  );
  const head = ['class'.padEnd(24), 'held'.padStart(8), 'lost'.padStart(12)].join('');
  const bad = scores.filter(({ isGood }) => !isGood).map((score) => `  failed: ${score.class}/${score.name}`);
  return ['', head, ...rows, row('all', scores), ...bad, ''].join('\n');
}

function row(name: string, scores: readonly Score[]): string {
  const good = scores.filter(({ isGood }) => isGood).length;
  const lost = scores.reduce((sum, { lostMicroUsd }) => sum + lostMicroUsd, 0n);
  return [name.padEnd(24), `${good}/${scores.length}`.padStart(8), displayUsd(lost).padStart(12)].join('');
}
