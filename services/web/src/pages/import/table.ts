// SPDX-License-Identifier: Apache-2.0
// The first rows of a table, to show what stands in its columns. The node reads it for good.

/** Rows of cells; cells may stand in quotes and then hold everything. */
export function readTable(text: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    row.push(cell);
    cell = '';
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const sign = text.charAt(i);
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text.charAt(i + 1) === '"') cell += text.charAt(++i);
      else isQuoted = false;
    } else if (sign === '"' && cell === '') isQuoted = true;
    else if (sign === delimiter) endCell();
    else if (sign === '\n') endRow();
    else if (sign !== '\r') cell += sign;
  }
  if (rows.length < most && (cell !== '' || row.length > 0)) endRow();
  return rows;
}

/** Of each column the first values that are not empty. */
export function samplesOf(rows: string[][], columns: string[], most = 3): Record<string, string[]> {
  return Object.fromEntries(
    columns.map((column, index) => [
      column,
      [
        ...new Set(
          rows
            .slice(1)
            .map((row) => (row[index] ?? '').trim())
            .filter((value) => value !== ''),
        ),
      ].slice(0, most),
    ]),
  );
}
