/** A dash for what could not be measured. */
export function number(value: number, decimals: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(decimals);
}

export function milliseconds(value: number): string {
  return `${number(value, 2)} ms`;
}

/** Columns padded to their widest cell: the first to the left and the others, which are numbers, to the right, or all to the left. */
export function table(rows: readonly (readonly string[])[], align: 'numbers' | 'words' = 'numbers'): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const padded = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return column === 0 || align === 'words' ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}
